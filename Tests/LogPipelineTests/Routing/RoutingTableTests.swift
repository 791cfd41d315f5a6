import Testing

@testable import LogPipeline

@Suite struct RoutingTableTests {
  private func has(_ key: String, _ value: String) -> RecordMatcher {
    RecordMatcher([.attribute(AttributeMatcher(key: key, .equal(.string(value))))])
  }

  private func row(
    _ records: RecordMatcher? = nil, request: RequestMatcher? = nil, to targets: Int...,
    by action: RoutingTable.Action = .move
  ) -> RoutingTable.Row {
    RoutingTable.Row(request: request, records: records, targets: targets, action: action)
  }

  private func tenant(_ name: String, isNegated: Bool = false) -> RequestMatcher {
    RequestMatcher(field: "X-Tenant", .strict([Array(name.utf8)]), isNegated: isNegated)
  }

  /// The targets of three records of regions east, west and none, by index.
  private func routed(
    _ rows: RoutingTable.Row..., defaults: [Int] = [], tenants: String...
  ) throws -> (targets: [[Int]], table: RoutingTable) {
    let table = RoutingTable(id: "routing", targets: ["logs/0", "logs/1", "logs/2"], rows: rows, defaults: defaults)
    var request = RequestContext()
    for tenant in tenants { request.addField("x-tenant", tenant) }
    let batch = try LogBatch.decoded(
      record(("region", .text("east"))), record(("region", .text("west"))), record())
    var marks: [RoutingTable.Targets] = [7]
    try table.mark(batch, of: request, into: &marks)
    _ = table.tally(marks[1...])
    #expect(marks.count == 4 && marks[0] == 7)
    return (marks.dropFirst().map { mark in (0..<3).filter { mark & RoutingTable.target($0) != 0 } }, table)
  }

  @Test func eachRecordGoesToTheFirstRowThatMatchesIt() throws {
    let east = row(has("region", "east"), to: 0)
    let (targets, _) = try routed(
      east, row(has("region", "west"), to: 1), row(has("region", "east"), to: 1), defaults: [2])
    #expect(targets == [[0], [1], [2]])
  }

  private func row(_ condition: String, _ context: OTTLContext, to target: Int) throws -> RoutingTable.Row {
    let conditions = try OTTLConditions([try OTTLParser.condition(condition)], context: context, errorMode: .ignore)
    return RoutingTable.Row(
      request: nil, selecting: .conditions(CompiledConditions(conditions: conditions, tallies: [])), targets: [target],
      action: .move)
  }

  /// The last record has no region to ask in.
  @Test func whatFailsGoesToTheDefaultsAndToNoRowBehind() throws {
    let fails = try row(#"Len(attributes["region"]) == 9"#, .log, to: 0)
    #expect(try routed(fails, row(to: 1), defaults: [2]).targets == [[1], [1], [2]])
    #expect(try routed(fails, row(to: 1)).targets == [[1], [1], []])
    #expect(try routed(row(has("region", "east"), to: 1), fails, row(to: 1), defaults: [2]).targets == [[1], [1], [2]])
    let ofResource = try row(#"Len(attributes["none"]) == 9"#, .resource, to: 0)
    #expect(try routed(ofResource, row(to: 1), defaults: [2]).targets == [[2], [2], [2]])
    let copy = row(has("region", "east"), to: 0, by: .copy)
    #expect(try routed(copy, ofResource, row(to: 1), defaults: [2]).targets == [[0, 2], [2], [2]])
  }

  @Test func withoutDefaultsWhatNoRowMatchesGoesNowhereAndIsCounted() throws {
    let (targets, table) = try routed(row(has("region", "east"), to: 0))
    #expect(targets == [[0], [], []])
    #expect(table.unrouted.value == 2 && table.routed.map(\.value) == [1, 0, 0])
  }

  @Test func aRowMayHaveSeveralPipelines() throws {
    let (targets, table) = try routed(row(has("region", "east"), to: 0, 2), defaults: [1])
    #expect(targets == [[0, 2], [1], [1]])
    #expect(table.unrouted.value == 0 && table.routed.map(\.value) == [1, 2, 1])
  }

  @Test func whatIsCopiedIsAskedFurtherAndGoesToTheDefaultsToo() throws {
    let (targets, _) = try routed(
      row(has("region", "east"), to: 0, by: .copy), row(has("region", "east"), to: 0, by: .copy),
      row(has("region", "west"), to: 1, by: .copy), row(has("region", "west"), to: 0), defaults: [2])
    #expect(targets == [[0, 2], [0, 1], [2]])
  }

  @Test func aRowWithoutMatchersMovesWhatIsLeft() throws {
    let (targets, _) = try routed(row(has("region", "east"), to: 0), row(to: 1), row(to: 2), defaults: [2])
    #expect(targets == [[0], [1], [1]])
  }

  @Test func requestsAreRoutedWhole() throws {
    let rows = (row(request: tenant("acme"), to: 0), row(request: tenant("ecorp"), to: 1))
    #expect(try routed(rows.0, rows.1, defaults: [2], tenants: "acme").targets == [[0], [0], [0]])
    #expect(try routed(rows.0, rows.1, defaults: [2], tenants: "ecorp").targets == [[1], [1], [1]])
    #expect(try routed(rows.0, rows.1, defaults: [2], tenants: "Acme").targets == [[2], [2], [2]])
    #expect(try routed(rows.0, rows.1, defaults: [2]).targets == [[2], [2], [2]])
    #expect(try routed(rows.0, rows.1, defaults: [2], tenants: "x", "ecorp").targets == [[1], [1], [1]])
  }

  @Test func notEqualAsksForAFieldThatIsThere() throws {
    let other = row(request: tenant("acme", isNegated: true), to: 0)
    #expect(try routed(other, tenants: "acme").targets == [[], [], []])
    #expect(try routed(other, tenants: "acme", "x").targets == [[0], [0], [0]])
    #expect(try routed(other).targets == [[], [], []])
  }

  @Test func aRowMayAskTheRequestAndTheRecords() throws {
    let both = row(has("region", "west"), request: tenant("acme"), to: 0)
    #expect(try routed(both, defaults: [1], tenants: "acme").targets == [[1], [0], [1]])
    #expect(try routed(both, defaults: [1], tenants: "x").targets == [[1], [1], [1]])
  }

  @Test func recordsThenRequestAsInTheCollector() throws {
    let (targets, _) = try routed(
      row(has("region", "east"), to: 0), row(request: tenant("acme"), to: 1), defaults: [2], tenants: "acme")
    #expect(targets == [[0], [1], [1]])
  }

  @Test func aTableTakesAsManyTargetsAsThereAreBits() throws {
    let names = (0..<64).map { "logs/\($0)" }
    let table = RoutingTable(id: "routing", targets: names, rows: [row(to: 62, 63, -1)], defaults: [])
    var marks: [RoutingTable.Targets] = []
    try table.mark(LogBatch.decoded(record()), of: RequestContext(), into: &marks)
    let counts = table.tally(marks[...])
    #expect(table.targets.count == RoutingTable.maxTargets && counts.count == 63)
    #expect(counts[62] == 1 && counts.dropLast().allSatisfy { $0 == 0 })
  }
}
