import Gateway
import LogPipeline
import Testing

@Suite struct AttributesOptionsTests {
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
