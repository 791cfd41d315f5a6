import Testing

@testable import Gateway
@testable import LogPipeline

@Suite struct RoutingOptionsTests {
  private static let pipelines = """
    logs/in: {receivers: [otlp], exporters: [routing]}
    logs/a: {receivers: [routing], exporters: [nop]}
    logs/b: {receivers: [routing], exporters: [nop/2]}
    logs/other: {receivers: [routing], exporters: [nop/3]}
    """

  /// The targets of two records, the first of region east and severity 17, sent by tenant acme.
  private func routed(_ options: String) throws -> [[String]] {
    let loaded = try loadStandard(joinedConfiguration("routing:\n\(options.indented)", Self.pipelines))
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
    try table.mark(batch, of: request, into: &marks)
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
    let printed = try loadStandard(joinedConfiguration(options, Self.pipelines)).effectiveYAML()
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
      "f.yaml:5:25: connectors.routing.table[0].condition: line 1, column 5: resource has no body"
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
      joinedConfiguration(
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
