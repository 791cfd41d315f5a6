import Testing

@testable import LogStore

@Suite struct GroupsTests {
  private func filled() throws -> StoreView {
    let store = try StoreFixture { $0.blockRecords = 7 }.openInMemory()
    for index in 0..<100 {
      var record = SampleRecord("line \(index)", time: 1000 + UInt64(index) * 10)
      record.stream = SampleStream(service: index % 4 == 0 ? "cart" : "shop", scope: "lib")
      if index % 2 == 0 { record.attributes = [SamplePair("status", .int(index % 4 == 0 ? 200 : 500))] }
      try store.append([record])
    }
    return store.view
  }

  private func text(_ groups: [RecordGroup]) -> [String] {
    groups.map { "\($0.values.joined(separator: ",")) \($0.hits)" }
  }

  @Test func recordsAreCountedByTheValuesOfFields() throws {
    let view = try filled()
    #expect(text(try view.groups(.all, by: ["service"]).groups) == ["shop 75", "cart 25"])
    #expect(
      text(try view.groups(.all, by: ["status", "service.name"]).groups) == [",shop 50", "200,cart 25", "500,shop 25"])
    #expect(text(try view.groups(.all, by: []).groups) == [" 100"])
    let cart = try QueryParser.parse("service:cart", nowUnixNano: 0)
    #expect(text(try view.groups(cart, by: ["none"]).groups) == [" 25"])
    #expect(try view.groups(QueryParser.parse("nothing", nowUnixNano: 0), by: ["service"]).groups.isEmpty)
  }

  @Test func stepsOfTimeAreToldApart() throws {
    let groups = try filled().groups(.all, by: ["service"], HitSteps(.nanoseconds(500))).groups
    #expect(groups.map { $0.steps.map(\.start) } == [[1000, 1500], [1000, 1500]])
    #expect(groups.map { $0.steps.map(\.hits) } == [[37, 38], [13, 12]])
  }

  @Test func memoryIsBounded() throws {
    var limits = SearchLimits()
    limits.resultBytes = 500
    let found = try filled().groups(.all, by: ["_msg"], nil, limits)
    #expect(found.report.stop != nil && found.groups.count < 100)
  }
}
