import LogPipeline
import Testing

@Suite struct RequiredAttributesProcessorTests {
  private func batch() throws -> LogBatch {
    try .decoded(
      resource: resource(("service.name", .text("s"))),
      record(("order", .text("1"))) + Message.bytes(9, [UInt8](repeating: 1, count: 16)),
      record(("order", .text("")), ("x", .integer(1))), record(), record(("order", .integer(0))))
  }

  private func processor(_ action: RequiredAttributesProcessor.Action) -> RequiredAttributesProcessor {
    var options = RequiredAttributesOptions()
    (options.keys, options.needsTraceID, options.action) = (["service.name", "order"], true, action)
    return RequiredAttributesProcessor(id: "required_attributes", options: options)
  }

  @Test func marksWhatIsMissing() throws {
    var batch = try batch()
    let mark = processor(.mark)
    mark.process(&batch)
    #expect(
      batch.recordAttributes == [
        [.init("order", "1")],
        [.init("order", ""), .init("x", 1), .init("sluice.missing", "order,trace_id")],
        [.init("sluice.missing", "order,trace_id")], [.init("order", 0), .init("sluice.missing", "trace_id")],
      ])
  }

  @Test func marksOnceHoweverOftenItRuns() throws {
    var batch = try batch()
    processor(.mark).process(&batch)
    let once = batch.recordAttributes
    processor(.mark).process(&batch)
    #expect(batch.recordAttributes == once)
  }

  @Test func rejectsWhatLacksSomethingAndSaysWhatItMayBe() throws {
    var batch = try batch()
    var request = RequestContext()
    processor(.reject).process(&batch, of: &request)
    #expect(batch.recordAttributes == [[.init("order", "1")]])
    #expect(request.rejections.records == 3)
    #expect(request.rejections.reasons == ["required_attributes: without service.name or order or trace_id"])
  }

  @Test func dropsWhatLacksSomething() throws {
    var batch = try batch()
    let drop = processor(.drop)
    drop.process(&batch)
    #expect(batch.recordAttributes == [[.init("order", "1")]])
  }
}
