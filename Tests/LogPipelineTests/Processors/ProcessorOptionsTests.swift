import Gateway
import LogPipeline
import Options
import Testing

/// The problems of one processor's options, `options` being the YAML below its key on line 3, errors first.
private func processorProblems(_ type: String, _ options: String) -> [String] {
  let indented = options.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
  let yaml = """
    receivers: {otlp: {protocols: {http: }}}
    processors:
      \(type):
    \(indented)exporters: {nop: }
    service: {pipelines: {logs: {receivers: [otlp], processors: [\(type)], exporters: [nop]}}}
    """
  do throws(ConfigurationError) {
    let configuration = try Configuration.load([.text(yaml, name: "f.yaml")], registry: .standard) { _ in nil }
    return configuration.warnings.map(\.description)
  } catch {
    return error.problems.map(\.description)
  }
}

/// The processor that these options make.
private func madeProcessor(_ type: String, _ options: String) throws -> (any Processor)? {
  let indented = options.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
  let yaml = """
    receivers: {otlp: {protocols: {http: }}}
    processors:
      \(type):
    \(indented)exporters: {nop: }
    service: {pipelines: {logs: {receivers: [otlp], processors: [\(type)], exporters: [nop]}}}
    """
  let configuration = try Configuration.load([.text(yaml, name: "f.yaml")], registry: .standard) { _ in nil }
  let component = try #require(configuration.processors.first?.options as? any ProcessorComponent)
  return component.makeProcessor(id: type)
}

/// One request of OTLP/JSON after a processor, as an exporter would see it: keys and texts of the first record.
private func attributes(
  after type: String, _ options: String, _ logRecord: String, of request: RequestContext = RequestContext()
) throws -> [String] {
  var request = request
  var batch = LogBatch()
  let json = #"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{"name":"lib"},"logRecords":[\#(logRecord)]}]}]}"#
  try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
  try madeProcessor(type, options)?.process(&batch, of: &request)
  guard let first = batch.records.first else { return ["dropped"] }
  return batch.attributes[first.attributes.indices].map { attribute in
    let key = String(decoding: batch.store[attribute.key.range], as: UTF8.self)
    switch attribute.value.kind {
    case .string: return "\(key)=\"\(String(decoding: batch.store[attribute.value.slice.range], as: UTF8.self))\""
    case .int: return "\(key)=\(attribute.value.intValue)"
    case .double: return "\(key)=\(attribute.value.doubleValue)"
    case .bool: return "\(key)=\(attribute.value.boolValue)"
    default: return "\(key):\(attribute.value.kind)"
    }
  }
}

@Suite struct ProcessorComponentTests {
  /// The sample of the Collector's documentation, without what a request says beside its records.
  private let sample = """
    actions:
      - key: db.table
        action: delete
      - key: redacted_span
        value: true
        action: upsert
      - key: copy_key
        from_attribute: key_original
        action: update
      - key: account_id
        value: 2245
        action: insert
      - key: account_password
        action: DELETE
      - key: account_email
        action: hash
      - key: http.status_code
        action: convert
        converted_type: int
      - key: region
        from_attribute: cloud.region
        default_value: "us-east-1"
        action: insert
    """

  @Test func runsTheCollectorsSample() throws {
    let record = """
      {"attributes":[{"key":"db.table","value":{"stringValue":"x"}},{"key":"account_password","value":{"stringValue":"p"}},
      {"key":"account_email","value":{"stringValue":"abc"}},{"key":"http.status_code","value":{"stringValue":"404"}}]}
      """
    #expect(
      try attributes(after: "attributes", sample, record) == [
        "account_email=\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"", "http.status_code=404",
        "redacted_span=true", "account_id=2245", "region=\"us-east-1\"",
      ])
    #expect(processorProblems("attributes", sample) == [])
  }

  @Test func takesValuesFromTheRequest() throws {
    let options = """
      actions:
        - {key: tenant, action: insert, from_context: metadata.X-Tenant}
        - {key: origin, action: upsert, from_context: metadata.origin}
        - {key: older, action: insert, from_context: x-tenant}
        - {key: ip, action: insert, from_context: client.address}
        - {key: none, action: insert, from_context: metadata.none}
        - {key: default, action: insert, from_context: metadata.none, default_value: 7}
        - {key: kept, action: insert, from_context: metadata.origin}
        - {key: none, action: update, from_context: metadata.origin}
      """
    let record = #"{"attributes":[{"key":"kept","value":{"boolValue":true}}]}"#
    var request = RequestContext(clientAddress: "10.1.2.3", monotonicNano: 1)
    request.addField("x-Tenant", "acme")
    request.addField("origin", "one")
    request.addField("Origin", "two")
    #expect(
      try attributes(after: "attributes", options, record, of: request) == [
        "kept=true", "tenant=\"acme\"", "origin=\"one;two\"", "older=\"acme\"", "ip=\"10.1.2.3\"", "default=7",
      ])
    #expect(try attributes(after: "attributes", options, record) == ["kept=true", "default=7"])
    #expect(processorProblems("attributes", options) == [])
    #expect(try madeProcessor("attributes", options)?.needsContext == true)
    #expect(try madeProcessor("attributes", sample)?.needsContext == false)
  }

  @Test func infersTheTypeOfAValue() throws {
    let options = """
      actions:
        - {key: a, action: insert, value: 2245}
        - {key: b, action: insert, value: "2245"}
        - {key: c, action: insert, value: 0.5}
        - {key: d, action: insert, value: false}
        - {key: e, action: insert, value: "false"}
        - {key: f, action: insert, value: v1.2}
        - {key: g, action: insert, value: [1, a]}
        - {key: h, action: insert, value: {x: 1}}
        - {key: i, action: insert, value: ""}
      """
    #expect(
      try attributes(after: "attributes", options, "{}") == [
        "a=2245", "b=\"2245\"", "c=0.5", "d=false", "e=\"false\"", "f=\"v1.2\"", "g:array", "h:map", "i=\"\"",
      ])
  }

  @Test(arguments: [
    ("actions: []", "4:5: processors.attributes.actions: at least one action is required"),
    ("actions: [{action: insert, value: 1}]", "4:15: processors.attributes.actions[0]: key: required"),
    ("actions: [{action: delete}]", "4:15: processors.attributes.actions[0]: key or pattern: required"),
    (
      "actions: [{key: a, action: insert}]",
      "4:15: processors.attributes.actions[0]: value, from_attribute, from_context or default_value: one is required"
    ),
    (
      "actions: [{key: a, action: insert, value: 1, from_attribute: b}]",
      "4:50: processors.attributes.actions[0].from_attribute: only one of value, from_attribute and "
        + "from_context may be given"
    ),
    (
      "actions: [{key: a, action: upsert, value: 1, pattern: b}]",
      "4:50: processors.attributes.actions[0].pattern: the action \"upsert\" does not use it"
    ),
    (
      "actions: [{key: a, action: delete, value: 1}]",
      "4:40: processors.attributes.actions[0].value: the action \"delete\" does not use it"
    ),
    (
      "actions: [{action: delete, pattern: '(a'}]",
      "4:32: processors.attributes.actions[0].pattern: the pattern is refused: missing ): (a"
    ),
    (
      "actions: [{key: a, action: extract, pattern: '(a)'}]",
      "4:41: processors.attributes.actions[0].pattern: every group must have a name, as in (?P<name>…), and there "
        + "must be one"
    ),
    (
      "actions: [{key: a, action: extract}]",
      "4:15: processors.attributes.actions[0].pattern: required for \"extract\""
    ),
    (
      "actions: [{key: a, action: convert}]",
      "4:15: processors.attributes.actions[0].converted_type: required for \"convert\""
    ),
    (
      "actions: [{key: a, action: upsert, from_context: auth.subject}]",
      "4:40: processors.attributes.actions[0].from_context: claims of authentication are not yet supported"
    ),
    (
      "actions: [{key: a, action: upsert, from_context: metadata.}]",
      "4:40: processors.attributes.actions[0].from_context: expected a header field's name after \"metadata.\""
    ),
    (
      "actions: [{key: a, action: delete, from_context: client.address}]",
      "4:40: processors.attributes.actions[0].from_context: the action \"delete\" does not use it"
    ),
    (
      "actions: [{key: a, action: upsert, from_attribute: b, from_context: client.address}]",
      "4:59: processors.attributes.actions[0].from_context: only one of value, from_attribute and from_context may be given"
    ),
    (
      "actions: [{key: a, action: delete}]\ninclude: {match_type: strict}",
      "5:5: processors.attributes.include: at least one of attributes, resources, libraries or log_… must be given"
    ),
  ])
  func saysWhatIsWrongWithAnAction(_ options: String, _ problem: String) {
    #expect(processorProblems("attributes", options) == ["f.yaml:\(problem)"])
  }

  @Test func suggestsTheNearestAction() {
    #expect(
      processorProblems("resource", "attributes: [{key: a, action: upsrt, value: 1}]").first?
        .hasSuffix("found \"upsrt\" (did you mean \"upsert\"?)") == true)
  }

  @Test func includesAndExcludes() throws {
    let options = """
      include:
        match_type: regexp
        regexp: {cacheenabled: true, cachemaxnumentries: 10}
        log_bodies: ["^start"]
        log_severity_texts: [I.*]
        log_severity_number: {min: 9}
        attributes: [{key: env, value: d.v}]
        libraries: [{name: l.b}]
      exclude:
        match_type: strict
        attributes: [{key: keep}]
      actions: [{key: n, action: insert, value: 1}]
      """
    let record = { (extra: String) in
      #"{"body":{"stringValue":"started"},"severityText":"INFO","severityNumber":9,"attributes":["#
        + #"{"key":"env","value":{"stringValue":"dev"}}\#(extra)]}"#
    }
    #expect(try attributes(after: "attributes", options, record("")).last == "n=1")
    #expect(try attributes(after: "attributes", options, record(#",{"key":"keep","value":{}}"#)).last != "n=1")
    #expect(processorProblems("attributes", options) == [])
  }

  @Test(arguments: ["value: null", "value: ~", "value:", ""])
  func aNullValueAsksForAnyAndIsNotForgotten(_ value: String) throws {
    let options = """
      logs:
        exclude:
          match_type: strict
          record_attributes:
            - key: user
              \(value)
            - {key: code, value: 200}
      """
    let processor = try #require(try madeProcessor("filter", options))
    let record = { (pairs: String) in #"{"attributes":[\#(pairs)]}"# }
    let code = #"{"key":"code","value":{"intValue":200}}"#
    let user = #"{"key":"user","value":{"stringValue":"x"}}"#
    var batch = LogBatch()
    let records = [record(code), record(user), record(user + "," + code)].joined(separator: ",")
    let request = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records)]}]}]}"#
    try batch.decode(json: Array(request.utf8), limits: DecodeLimits())
    var context = RequestContext()
    try processor.process(&batch, of: &context)
    #expect(batch.records.map(\.index) == [0, 1])
  }

  @Test(arguments: [
    ("filter", "logs: {include: {match_type: strict, bodies: [a, null]}}", "bodies[1]"),
    ("filter", "logs: {include: {match_type: strict, record_attributes: [{key: a}, null]}}", "record_attributes[1]"),
    (
      "attributes", "include: {match_type: strict, libraries: [null]}\nactions: [{key: a, action: delete}]",
      "libraries[0]"
    ),
    ("attributes", "actions: [{key: a, action: delete}, null]", "actions[1]"),
    ("redaction", "blocked_values: [a, null]", "blocked_values[1]"),
    ("redaction", "rules: [null]", "rules[0]"),
    ("log_dedup", "exclude_fields: [body.a, null]", "exclude_fields[1]"),
    ("required_attributes", "keys: [a, null]", "keys[1]"),
    ("severity", "attributes: [null]", "attributes[0]"),
  ])
  func aNullEntryOfAListIsNotPassedOver(_ type: String, _ options: String, _ place: String) {
    let problems = processorProblems(type, options)
    #expect(problems.contains { $0.contains(place) }, "\(problems)")
  }

  @Test(arguments: [
    ("logs: {exclude: {match_type: strict, bodies: [x]}}", "dropped"),
    ("logs: {exclude: {match_type: strict, bodies: [y]}}", "kept"),
    ("logs: {include: {match_type: regexp, record_attributes: [{Key: a, Value: ^b}]}}", "kept"),
    ("logs: {include: {match_type: strict, resource_attributes: [{key: a}]}}", "dropped"),
    ("logs: {include: {match_type: strict, severity_number: {min: WARN}}}", "kept"),
    ("logs: {include: {match_type: strict, severity_number: {min: error2}}}", "dropped"),
    ("logs: {exclude: {match_type: strict, severity_texts: [WARN]}}", "dropped"),
  ])
  func filters(_ options: String, _ outcome: String) throws {
    let record = """
      {"body":{"stringValue":"x"},"severityText":"WARN","severityNumber":13,
      "attributes":[{"key":"a","value":{"stringValue":"bc"}}]}
      """
    #expect(try (attributes(after: "filter", options, record) == ["dropped"] ? "dropped" : "kept") == outcome)
    #expect(processorProblems("filter", options) == [])
  }

  @Test func refusesConditionsThatItCannotRead() {
    #expect(
      processorProblems("filter", "logs: {log_record: ['true']}\nerror_mode: ignore") == [
        "f.yaml:4:12: processors.filter.logs.log_record: not supported by sluice: OTTL conditions are not yet "
          + "supported; use include or exclude"
      ])
    #expect(processorProblems("filter", "log_conditions: ['true']").count == 1)
    #expect(
      processorProblems("filter", "logs: {include: {match_type: regexp, record_attributes: [{key: a, value: 1}]}}") == [
        "f.yaml:4:71: processors.filter.logs.include.record_attributes[0].value: match_type regexp takes text only; "
          + "put it in quotes"
      ])
  }

  @Test func warnsOfAFilterThatKeepsEverything() {
    #expect(
      processorProblems("filter", "logs: {include: {match_type: strict}}") == [
        "f.yaml:4:5: warning: processors.filter.logs: keeps all records: neither include nor exclude asks for anything"
      ])
  }

  @Test func samples() throws {
    let traced = #"{"traceId":"00000000000000000000000000000001","attributes":[]}"#
    #expect(try attributes(after: "probabilistic_sampler", "sampling_percentage: 0", traced) == ["dropped"])
    let all = "sampling_percentage: 100\nmode: proportional"
    #expect(try attributes(after: "probabilistic_sampler", all, traced) == ["sampling.threshold=\"0\""])
    #expect(
      processorProblems("probabilistic_sampler", "sampling_percentage: 15.3\nattribute_source: record") == [
        "f.yaml:5:5: processors.probabilistic_sampler.attribute_source: \"record\" needs from_attribute"
      ])
    #expect(
      processorProblems("probabilistic_sampler", "").first?.hasSuffix("sampling_percentage: required, but not given")
        == true)
  }

  @Test func namesSeverities() throws {
    let info = #"{"severityText":"INFO"}"#
    let keep = "logs: {include: {match_type: strict, severity_number: {min: INFO}}}"
    #expect(try attributes(after: "filter", keep, info) == ["dropped"])
    #expect(try madeProcessor("severity", "default: WARN\nattributes: [lvl]")?.id == "severity")
    #expect(processorProblems("severity", "default: WARM").first?.hasSuffix("(did you mean \"WARN\"?)") == true)
  }

  @Test func marksWhatLacksAnAttribute() throws {
    let options = "keys: [order]\ntrace_id: true"
    #expect(try attributes(after: "required_attributes", options, "{}") == ["sluice.missing=\"order,trace_id\""])
    #expect(try attributes(after: "required_attributes", options + "\naction: drop", "{}") == ["dropped"])
    #expect(try attributes(after: "required_attributes", options + "\naction: reject", "{}") == ["dropped"])
    #expect(
      processorProblems("required_attributes", "") == [
        "f.yaml:3:23: processors.required_attributes: keys or trace_id: one is required"
      ])
  }

  @Test func limitsRates() throws {
    let made = { (options: String) in try #require(try madeProcessor("rate_limit", options) as? RateLimitProcessor) }
    #expect(try made("records_per_second: 10").needsContext)
    #expect(processorProblems("rate_limit", "bytes_per_second: 1MiB\nkey: {header: x-tenant}\non_limit: drop") == [])
    #expect(
      processorProblems("rate_limit", "burst: 2s") == [
        "f.yaml:4:5: processors.rate_limit: records_per_second or bytes_per_second: one is required"
      ])
    #expect(
      processorProblems("rate_limit", "records_per_second: 1\nkey: {header: a, resource_attribute: b}") == [
        "f.yaml:5:11: processors.rate_limit.key.header: only one of resource_attribute and header may be given"
      ])
    #expect(processorProblems("rate_limit", "records_per_second: 0").count == 1)
    #expect(processorProblems("rate_limit", "records_per_second: 1\nburst: 0s").count == 1)
    #expect(processorProblems("rate_limit", "records_per_second: 1\nburst: 61m").count == 1)
    #expect(processorProblems("rate_limit", "records_per_second: 1\nmax_keys: 0").count == 1)
    #expect(processorProblems("rate_limit", "records_per_second: 1\nmax_keys: 100001").count == 1)
    let single = "records_per_second: 1\non_limit: drop"
    #expect(try attributes(after: "rate_limit", single, "{},{}") == [])
  }

  @Test func acceptsBatchAndMemoryLimiterAndAddsNothing() throws {
    #expect(try madeProcessor("batch", "") == nil)
    #expect(try madeProcessor("memory_limiter", "check_interval: 1s") == nil)
    #expect(processorProblems("batch", "timeout: 1s\nsend_batch_size: 8192") == [])
    #expect(processorProblems("memory_limiter", "check_interval: 1s\nlimit_mib: 512") == [])
    #expect(processorProblems("memory_limiter", "limit_percentage: 80") == [])
    #expect(processorProblems("memory_limiter", "check_interval: 1s").first?.contains("without a limit") == true)
    #expect(
      processorProblems("memory_limiter", "limit_mib: 100\nspike_limit_mib: 100").first?.contains("less than the limit")
        == true)
    #expect(
      processorProblems("batch", "send_batch_max_size: 9000").first?.contains("sending_queue.batch.max_size") == true)
    #expect(processorProblems("memory_limiter", "limit_percentage: 101").first?.contains("from 0 to 100") == true)
  }

  @Test func printsAConfigurationThatMeansTheSame() throws {
    let yaml = """
      receivers: {otlp: {protocols: {http: }}}
      processors:
        attributes:
      \(sample.split(separator: "\n").map { "    \($0)\n" }.joined())exporters: {nop: }
      service: {pipelines: {logs: {receivers: [otlp], processors: [attributes], exporters: [nop]}}}
      """
    let load = { (yaml: String) in
      try Configuration.load([.text(yaml, name: "f.yaml")], registry: .standard) { _ in nil }.effectiveYAML()
    }
    let printed = try load(yaml)
    #expect(try load(printed) == printed)
    #expect(printed.contains("value: 2245\n") && printed.contains("default_value: us-east-1\n"))
  }
}
