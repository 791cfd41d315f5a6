import LogPipeline
import Testing

@Suite struct FilterProcessorTests {
  private func isDebug() -> RecordMatcher {
    RecordMatcher([.attribute(AttributeMatcher(key: "debug", .any))])
  }

  private func batch() throws -> LogBatch {
    try .decoded(
      record(("debug", .bool(true)), body: "0"), record(body: "1"), record(("debug", .number(0)), body: "2"),
      record(("x", .number(1)), body: "3"))
  }

  @Test func dropsWhatIsExcluded() throws {
    var batch = try batch()
    let filter = FilterProcessor(id: "filter", selection: RecordSelection(exclude: isDebug()))
    filter.process(&batch)
    #expect(batch.bodies == ["1", "3"])
    #expect(batch.recordAttributes == [[], [.init("x", 1)]])
  }

  @Test func keepsOnlyWhatIsIncluded() throws {
    var batch = try batch()
    FilterProcessor(id: "filter", selection: RecordSelection(include: isDebug())).process(&batch)
    #expect(batch.bodies == ["0", "2"])
  }

  @Test func dropsEverythingButResourcesAndScopes() throws {
    var batch = try batch()
    let filter = FilterProcessor(
      id: "filter", selection: RecordSelection(include: isDebug(), exclude: isDebug()))
    filter.process(&batch)
    #expect(batch.records.isEmpty)
    #expect(batch.resources.count == 1 && batch.scopes.count == 1)
  }

  @Test func keepsAllWithoutConditions() throws {
    var batch = try batch()
    let filter = FilterProcessor(id: "filter", selection: RecordSelection())
    filter.process(&batch)
    #expect(batch.records.count == 4)
  }
}
