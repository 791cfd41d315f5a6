import Testing

@testable import Gateway
@testable import LogPipeline

/// A configuration with these connectors and pipelines; each exporter is a `nop`.
private func configuration(_ connectors: String, _ pipelines: String) -> String {
  """
  receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
  exporters: {nop: , nop/2: , nop/3: }
  connectors:
  \(connectors.indented)
  service:
    telemetry: {metrics: {level: none}}
    pipelines:
  \(pipelines.indented.indented)
  """
}

extension String {
  fileprivate var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(separator: "\n")
  }
}

/// The problems of these connectors and pipelines.
private func joinedProblems(_ connectors: String, _ pipelines: String) -> [String] {
  standardProblems(configuration(connectors, pipelines))
}

@Suite struct RoutingOptionsTests {
  private static let pipelines = """
    logs/in: {receivers: [otlp], exporters: [routing]}
    logs/a: {receivers: [routing], exporters: [nop]}
    logs/b: {receivers: [routing], exporters: [nop/2]}
    logs/other: {receivers: [routing], exporters: [nop/3]}
    """

  /// The targets of two records, the first of region east and severity 17, sent by tenant acme.
  private func routed(_ options: String) throws -> [[String]] {
    let loaded = try loadStandard(configuration("routing:\n\(options.indented)", Self.pipelines))
    let component = try #require(loaded.connectors.first?.options)
    let table = component.makeTable(id: "routing", receivers: [])
    var batch = LogBatch()
    let json = #"""
      {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"service1"}}]},
      "scopeLogs":[{"logRecords":[{"severityNumber":17,"attributes":[{"key":"region","value":{"stringValue":"east"}}]},
      {"severityNumber":5,"attributes":[{"key":"region","value":{"stringValue":"west"}}]}]}]}]}
      """#
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    var request = RequestContext()
    request.addField("X-Tenant", "acme")
    var marks: [RoutingTable.Targets] = []
    table.mark(batch, of: request, into: &marks)
    return marks.map { mark in
      table.targets.indices.filter { mark & RoutingTable.target($0) != 0 }.map { table.targets[$0] }
    }
  }

  @Test func byTenantAsInTheCollectorsDocumentation() throws {
    let options = """
      default_pipelines: [logs/other]
      table:
        - context: request
          condition: request["X-Tenant"] == "acme"
          pipelines: [logs/a]
        - context: request
          condition: request["X-Tenant"] == "ecorp"
          pipelines: [logs/b]
      """
    #expect(try routed(options) == [["logs/a"], ["logs/a"]])
  }

  @Test func byRegionAsInTheCollectorsDocumentation() throws {
    let options = """
      default_pipelines: [logs/other]
      table:
        - context: log
          condition: attributes["region"] == "east"
          pipelines: [logs/a]
        - context: log
          condition: attributes["region"] == "north"
          pipelines: [logs/b]
      """
    #expect(try routed(options) == [["logs/a"], ["logs/other"]])
  }

  @Test func bySeverityThenServiceAsInTheCollectorsDocumentation() throws {
    let options = """
      table:
        - context: log
          condition: severity_number < SEVERITY_NUMBER_ERROR
          pipelines: [logs/a]
        - context: resource
          condition: attributes["service.name"] == "service1"
          pipelines: [logs/b]
        - context: resource
          condition: attributes["service.name"] == "service2"
          pipelines: [logs/other]
      """
    #expect(try routed(options) == [["logs/b"], ["logs/a"]])
  }

  @Test func bySeverityThenTenantAsInTheCollectorsDocumentation() throws {
    let options = """
      table:
        - context: log
          condition: severity_number < SEVERITY_NUMBER_ERROR
          pipelines: [logs/a]
        - context: request
          condition: request["X-Tenant"] == "acme"
          pipelines: [logs/b]
        - context: request
          condition: request["X-Tenant"] == "ecorp"
          pipelines: [logs/other]
      """
    #expect(try routed(options) == [["logs/b"], ["logs/a"]])
  }

  @Test func severalConditionsAndPipelinesOfARow() throws {
    let options = """
      table:
        - condition: attributes["service.name"] == "service1" and attributes["env"] == nil
          pipelines: [logs/a, logs/b, logs/other]
      """
    #expect(try routed(options) == [["logs/a", "logs/b", "logs/other"], ["logs/a", "logs/b", "logs/other"]])
  }

  @Test func copiesAndOlderStatements() throws {
    let options = """
      default_pipelines: [logs/other]
      error_mode: ignore
      table:
        - statement: route() where attributes["service.name"] == "service1"
          action: copy
          pipelines: [logs/a]
        - {context: log, condition: 'severity_number >= 17', pipelines: [logs/b]}
      """
    #expect(try routed(options) == [["logs/a", "logs/b"], ["logs/a", "logs/other"]])
  }

  @Test func aPrintedTableMeansTheSame() throws {
    let options = """
      routing:
        table:
          - {context: log, condition: 'body == "a: \\"b\\""', pipelines: [logs/a, logs/b], action: copy}
          - match: {match_type: regexp, request: {header: X-TENANT, values: [^a]}, bodies: [x]}
            pipelines: [logs/other]
      """
    let printed = try loadStandard(configuration(options, Self.pipelines)).effectiveYAML()
    #expect(try loadStandard(printed).effectiveYAML() == printed)
    #expect(printed.contains("action: copy\n") && printed.contains("header: X-TENANT\n"))
  }

  @Test func matchesOfTheSameGrammarAsFilters() throws {
    let options = """
      table:
        - match: {match_type: regexp, attributes: [{key: region, value: ^ea}], severity_number: {min: ERROR}}
          pipelines: [logs/a]
        - match: {match_type: strict, resources: [{key: service.name, value: service1}], request: {header: x-tenant, values: [other]}}
          pipelines: [logs/b]
        - match: {match_type: regexp, request: {header: X-TENANT, values: [^a]}}
          pipelines: [logs/other]
      """
    #expect(try routed(options) == [["logs/a"], ["logs/other"]])
  }

  @Test(arguments: [
    ("table: []", "f.yaml:5:5: connectors.routing.table: at least one row is required"),
    (
      "table: [{pipelines: [logs/a]}]",
      "f.yaml:5:13: connectors.routing.table[0]: exactly one of condition, statement and match must be given"
    ),
    (
      "table: [{condition: 'true', statement: route(), pipelines: [logs/a]}]",
      "f.yaml:5:13: connectors.routing.table[0]: exactly one of condition, statement and match must be given"
    ),
    (
      "table: [{condition: 'true', pipelines: []}]",
      "f.yaml:5:33: connectors.routing.table[0].pipelines: at least one pipeline is required"
    ),
    (
      "table: [{condition: 'Len(body) > 5', pipelines: [logs/a]}]",
      "f.yaml:5:14: connectors.routing.table[0].condition: Len is not yet supported in conditions"
    ),
    (
      "table: [{context: span, condition: 'true', pipelines: [logs/a]}]",
      "f.yaml:5:23: connectors.routing.table[0].context: expected \"resource\", \"log\" or \"request\", found \"span\""
    ),
    (
      "table: [{condition: 'true', pipelines: [logs/a], action: clone}]",
      "f.yaml:5:62: connectors.routing.table[0].action: expected \"move\" or \"copy\", found \"clone\""
    ),
    (
      "table: [{match: {match_type: strict}, pipelines: [logs/a]}]",
      "f.yaml:5:21: connectors.routing.table[0].match: asks for nothing"
    ),
    (
      "table: [{condition: 'true', pipelines: [logs/none]}]",
      "f.yaml:5:45: connectors.routing: the pipeline \"logs/none\" is not defined (did you mean \"logs/in\"?)"
    ),
    (
      "table: [{condition: 'true', pipelines: [logs/in]}]",
      "f.yaml:5:45: connectors.routing: the pipeline \"logs/in\" does not name \"routing\" as a receiver"
    ),
  ])
  func mistakesAreNamed(options: String, problem: String) {
    let found = joinedProblems("routing:\n\(options.indented)", Self.pipelines)
    #expect(found.contains { $0.hasPrefix(problem) }, "\(found)")
  }

  @Test func pipelinesThatGetNothingAreWarnedOf() {
    let found = joinedProblems("routing:\n  table: [{condition: 'true', pipelines: [logs/a, logs/b]}]", Self.pipelines)
    #expect(
      found == [
        "f.yaml:4:3: warning: connectors.routing: hands nothing to \"logs/other\", which has it as a receiver"
      ])
  }

  @Test func aTableNamesAsManyPipelinesAsItHasBits() {
    func found(_ count: Int) -> [String] {
      let names = (0..<count).map { "logs/p\($0)" }
      let pipelines = names.map { "\($0): {receivers: [routing], exporters: [nop]}" }
      return joinedProblems(
        "routing: {table: [{condition: 'true', pipelines: [\(names.joined(separator: ", "))]}]}",
        (["logs/in: {receivers: [otlp], exporters: [routing]}"] + pipelines).joined(separator: "\n")
      )
      .filter { !$0.contains("warning") }
    }
    #expect(found(63) == [])
    #expect(found(64).count == 1 && found(64)[0].contains("found 64 pipelines: the limit is 63"))
  }
}

@Suite struct ForwardOptionsTests {
  @Test func itFeedsAllThatNameIt() throws {
    let loaded = try loadStandard(
      configuration(
        "forward:",
        """
        logs/in: {receivers: [otlp], exporters: [forward]}
        logs/a: {receivers: [forward], exporters: [nop]}
        logs/b: {receivers: [forward], exporters: [nop/2]}
        """))
    #expect(loaded.warnings.map(\.description).filter { $0.contains("forward") } == [])
    let component = try #require(loaded.connectors.first)
    #expect(component.fed(among: loaded.service.pipelines).map(\.id.description) == ["logs/a", "logs/b"])
    let options = component.options
    #expect(options.makeTable(id: "forward", receivers: [.init(type: "logs", name: "a")]).targets == ["logs/a"])
  }
}

@Suite struct ConnectorCheckTests {
  @Test func aConnectorEndsOnePipelineAndBeginsAnother() {
    let onlyExporter = joinedProblems("forward:", "logs: {receivers: [otlp], exporters: [forward]}")
    #expect(
      onlyExporter.contains("f.yaml:4:3: connectors.forward: \"forward\" is an exporter but a receiver of no pipeline"))
    let onlyReceiver = joinedProblems(
      "forward:", "logs: {receivers: [otlp], exporters: [nop]}\nlogs/2: {receivers: [forward], exporters: [nop]}")
    #expect(
      onlyReceiver.contains("f.yaml:4:3: connectors.forward: \"forward\" is a receiver but the exporter of no pipeline")
    )
  }

  @Test func pipelinesMustNotLeadInACircle() {
    let found = joinedProblems(
      "forward/1:\nforward/2:",
      """
      logs/in: {receivers: [otlp], exporters: [forward/1]}
      logs/a: {receivers: [forward/1, forward/2], exporters: [nop, forward/2]}
      """)
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix("pipelines lead in a circle: logs/a -> logs/a") == true, "\(found)")
    let wide = joinedProblems(
      "forward/1:\nforward/2:",
      """
      logs/a: {receivers: [otlp, forward/2], exporters: [forward/1]}
      logs/b: {receivers: [forward/1], exporters: [forward/2]}
      """)
    #expect(wide.first?.hasSuffix("circle: logs/a -> logs/b -> logs/a") == true, "\(wide)")
  }

  @Test func whatARequestCanReachIsBounded() {
    /// Layers of two pipelines that each feed both of the next layer, which doubles the ends each time.
    func found(_ layers: Int) -> [String] {
      var pipelines = ["logs/in: {receivers: [otlp], exporters: [forward/0]}"]
      var connectors = ["forward/0:"]
      for layer in 0..<layers {
        let next = layer + 1 == layers ? "nop" : "forward/\(layer + 1)"
        for side in 0..<2 {
          pipelines.append("logs/p\(layer)-\(side): {receivers: [forward/\(layer)], exporters: [\(next)]}")
        }
        if next != "nop" { connectors.append("forward/\(layer + 1):") }
      }
      return joinedProblems(connectors.joined(separator: "\n"), pipelines.joined(separator: "\n")).filter {
        !$0.contains("warning")
      }
    }
    #expect(found(9) == [])
    #expect(
      found(10).contains {
        $0.hasSuffix("a request may reach 1024 exporters, those behind connectors included: the limit is 1000")
      })
    let most = "a request may reach at least 1000000 exporters, those behind connectors included: the limit is 1000"
    #expect(found(19).contains { $0.contains("a request may reach 524288 exporters") })
    #expect(found(40).contains { $0.hasSuffix(most) })
  }

  @Test func ofPipelinesPastTheLimitNothingElseIsSaid() {
    /// A chain of pipelines, each of which feeds the next.
    func found(_ count: Int) -> [String] {
      let middle = (1..<count).map { "logs/\($0): {receivers: [forward/\($0 - 1)], exporters: [forward/\($0)]}" }
      let first = "logs: {receivers: [otlp], exporters: [forward/0]}"
      let last = "logs/end: {receivers: [forward/\(count - 1)], exporters: [nop]}"
      return joinedProblems(
        (0..<count).map { "forward/\($0):" }.joined(separator: "\n"),
        ([first] + middle + [last]).joined(separator: "\n")
      )
      .filter { !$0.contains("warning") }
    }
    #expect(found(999) == [])
    let past = found(1000)
    #expect(past.count == 1 && past[0].hasSuffix("pipelines: found 1001 sections: the limit is 1000"), "\(past)")
  }

  @Test func anIdIsAConnectorOrAnExporter() {
    let found = joinedProblems("nop:", "logs: {receivers: [otlp], exporters: [nop]}")
    #expect(!found.isEmpty)
    let both = standardProblems(
      """
      receivers: {otlp: {protocols: {http: }}}
      exporters: {file/forward: {path: /dev/null}, nop: }
      connectors: {forward: }
      service: {pipelines: {logs: {receivers: [otlp], exporters: [forward]}}}
      """)
    #expect(both.contains { $0.contains("receiver of no pipeline") })
  }
}
