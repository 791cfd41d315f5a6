import Testing

@testable import LogStore

@Suite struct CountsTests {
  private func filled() throws -> LogStore {
    let store = try StoreFixture { $0.blockRecords = 7 }.openInMemory()
    for index in 0..<100 {
      var record = SampleRecord("line \(index)", time: 1000 + UInt64(index) * 10)
      record.severity = index % 10 == 0 ? 17 : 9
      record.stream = SampleStream(service: index % 4 == 0 ? "cart" : "shop", scope: "lib")
      record.attributes = [
        SamplePair("user", .map([SamplePair("id", .int(Int64(index)))])),
        SamplePair("status", .int(index % 2 == 0 ? 200 : 500)),
      ]
      if index == 50 { record.body = .map([SamplePair("odd", .text("yes"))]) }
      try store.append([record])
    }
    return store
  }

  private func parsed(_ query: String) throws -> Query { try QueryParser.parse(query, nowUnixNano: 0) }

  @Test func hitsAreCountedByStepAndValue() throws {
    let view = try filled().view
    let plain = try view.hits(.all, HitSteps(.nanoseconds(500)))
    #expect(plain.series.map(\.value) == [nil])
    #expect(plain.series.first?.steps.map(\.start) == [1000, 1500])
    #expect(plain.series.first?.steps.map(\.hits) == [50, 50])
    let bySeverity = try view.hits(parsed("service:shop"), HitSteps(.nanoseconds(2000)), by: "severity").series
    #expect(bySeverity.map { "\($0.value ?? "none") \($0.total)" } == ["info 70", "error 5"])
    let byService = try view.hits(.all, HitSteps(.nanoseconds(300), offset: .nanoseconds(100)), by: "service").series
    #expect(byService.map(\.value) == ["shop", "cart"])
    #expect(byService.map(\.total) == [75, 25])
    #expect(byService[0].steps.map(\.start) == [1000, 1300, 1600, 1900])
    #expect(try view.hits(.all, HitSteps(.nanoseconds(9000)), by: "odd").series.map(\.value) == [nil, "yes"])
  }

  @Test func fieldNamesAreThoseOfFlatLines() throws {
    let view = try filled().view
    let names = try view.fieldNames(.all).names
    #expect(
      names.map { "\($0.value) \($0.hits)" } == [
        "_stream 100", "_stream_id 100", "_time 100", "service.name 100", "severity 100", "status 100", "user.id 100",
        "_msg 99", "odd 1",
      ])
    #expect(try view.fieldNames(parsed("nothing")).names.isEmpty)
  }

  private static let counted: [(String, [String])] = [
    ("status", ["200 50", "500 50"]), ("severity", ["info 90", "error 10"]), ("service", ["shop 75", "cart 25"]),
    ("odd", ["yes 1"]), ("scope.name", ["lib 100"]), ("none", []), ("trace_id", []),
  ]

  @Test(arguments: counted)
  func valuesAreCounted(_ field: String, _ expected: [String]) throws {
    let values = try filled().view.fieldValues(.all, of: field, limit: 10).values
    #expect(values.map { "\($0.value) \($0.hits)" } == expected)
  }

  @Test func onlySoManyValuesAreTold() throws {
    let view = try filled().view
    #expect(try view.fieldValues(.all, of: "user.id", limit: 3).values.map(\.value) == ["0", "1", "10"])
    #expect(try view.fieldValues(.all, of: "_msg", limit: 200).values.count == 99)
  }

  @Test func facetsLeaveOutWhatTellsRecordsApart() throws {
    let view = try filled().view
    let facets = try view.facets(.all, limit: 1, maxValues: 99).facets
    #expect(facets.map(\.field) == ["odd", "service.name", "severity", "status"])
    #expect(facets.map { $0.values.map(\.hits) } == [[1], [75], [90], [50]])
    #expect(try view.facets(.all, limit: 1, maxValues: 100).facets.map(\.field).contains("user.id"))
    #expect(try view.facets(.all, limit: 1, maxValueBytes: 3).facets.map(\.field) == ["odd", "status", "user.id"])
  }

  @Test func countsThatBecomeTooLargeEndTheSearch() throws {
    let view = try filled().view
    var limits = SearchLimits()
    limits.resultBytes = 500
    let values = try view.fieldValues(.all, of: "user.id", limit: 1000, limits)
    guard case .resultBytes(let bytes, limit: 500) = values.report.stop else {
      Issue.record("\(values.report)")
      return
    }
    #expect(bytes > 500 && bytes < 1000 && values.values.count < 40)
    #expect(try view.hits(.all, HitSteps(.nanoseconds(1)), limits).report.stop != nil)
    // Names are counted too, those whose values are left out as well.
    limits.resultBytes = 100
    #expect(try view.facets(.all, limit: 1, maxValueBytes: 0, limits).report.stop != nil)
  }
}
