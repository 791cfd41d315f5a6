import Testing

@testable import LogPipeline

@Suite struct RequestContextTests {
  private func text(_ slice: ByteSlice?, in request: RequestContext) -> String? {
    slice.map { String(decoding: request.store[$0.range], as: UTF8.self) }
  }

  @Test func fieldsAreFoundByTheirNameInLowerCase() {
    var request = RequestContext(clientAddress: "10.0.0.1", monotonicNano: 7)
    request.addField("X-Tenant", "Acme")
    request.addField("x-Tenant", "other")
    #expect(text(request.firstValue(of: Array("x-tenant".utf8)), in: request) == "Acme")
    #expect(request.joinedValues(of: Array("x-tenant".utf8)) == Array("Acme;other".utf8))
    #expect(text(request.clientAddress, in: request) == "10.0.0.1")
    #expect(request.monotonicNano == 7)
  }

  @Test func aFieldThatIsNotThereIsNotAnEmptyOne() {
    var request = RequestContext()
    request.addField("empty", "")
    #expect(text(request.firstValue(of: Array("empty".utf8)), in: request) == "")
    #expect(request.firstValue(of: Array("x".utf8)) == nil && request.joinedValues(of: Array("x".utf8)) == nil)
  }

  @Test func onlyLettersAreLowered() {
    var request = RequestContext()
    request.addField("A[Z]@Ä", "v")
    #expect(request.firstValue(of: Array("a[z]@Ä".utf8)) != nil)
  }

  @Test func aRecordThatTwoPipelinesRejectIsOneRejectedRecord() throws {
    var request = RequestContext()
    for keep in [[true, false, false], [false, false, true]] {
      var batch = try LogBatch.decoded(record(), record(), record())
      batch.rejectRecords(exceptWhere: keep, because: "no", of: &request)
      #expect(batch.records.count == 1)
    }
    #expect(request.rejections.records == 3 && request.rejections.total == 4)
    #expect(request.rejections.reasons == ["no"])
  }

  @Test func nothingRejectedGivesNoReason() throws {
    var request = RequestContext()
    var batch = try LogBatch.decoded(record())
    batch.rejectRecords(exceptWhere: [true], because: "no", of: &request)
    #expect(request.rejections.reasons.isEmpty && request.rejections.records == 0)
  }
}
