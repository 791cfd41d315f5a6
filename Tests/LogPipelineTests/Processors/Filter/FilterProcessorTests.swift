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

  /// Whether it was to be dropped is not known, so that it is not let through.
  @Test(arguments: ["ignore", "silent", "propagate"]) func rejectsWhatALimitKeepsItFromAsking(_ mode: String) throws {
    let options = """
      error_mode: \(mode)
      limits: {max_growth: 1024}
      log_conditions: ['log.body == "dropped"', 'Len(Concat([log.body, log.body], "")) == 1300']
      """
    let processor = try #require(try madeProcessor("filter", options))
    var batch: LogBatch = try .decoded(
      record(body: "0"), record(body: String(repeating: "x", count: 650)), record(body: "dropped"), record(body: "3"))
    var request = RequestContext()
    do throws(ProcessorRefusal) {
      try processor.process(&batch, of: &request)
      #expect(mode != "propagate")
      #expect(batch.bodies == ["0", "3"])
      #expect(request.rejections.records == 1)
      #expect(request.rejections.reasons.first?.hasSuffix("1024 are allowed (limits.max_growth)") == true)
    } catch {
      #expect(mode == "propagate" && error.isFinal)
      #expect(error.reason.hasSuffix("1024 are allowed (limits.max_growth)"))
    }
  }
}
