import HTTPTransport
import Testing

@testable import OTLPReceiver

@Suite struct GRPCMessageTests {
  private func message(_ body: [UInt8], _ coding: ContentCoding = .identity, maxBytes: Int = 100) throws -> GRPCMessage
  {
    try GRPCMessage(in: body, coding: coding, maxBytes: maxBytes)
  }

  @Test func aMessageFillsTheBody() throws {
    #expect(try message([0, 0, 0, 0, 2, 7, 8]).range == 5..<7)
    #expect(try message([0, 0, 0, 0, 0]).range == 5..<5)
    #expect(try message(GRPCPrefix.framed([1, 2, 3])).range == 5..<8)
  }

  @Test func theFlagSaysWhetherTheCallsCodingApplies() throws {
    #expect(try message([0, 0, 0, 0, 0], .gzip).coding == .identity)
    #expect(try message([1, 0, 0, 0, 0], .gzip).coding == .gzip)
  }

  @Test func aFlagWithoutCodingOrOfAnotherValueIsMalformed() {
    #expect(throws: Refusal.malformedFrame("its compressed flag is set without a grpc-encoding")) {
      try message([1, 0, 0, 0, 0])
    }
    #expect(throws: Refusal.malformedFrame("its compressed flag is neither 0 nor 1")) {
      try message([2, 0, 0, 0, 0], .gzip)
    }
  }

  @Test func aMessageCutAnywhereIsRefused() {
    let whole = GRPCPrefix.framed([1, 2, 3])
    for count in 1..<5 {
      #expect(throws: Refusal.truncatedMessage(bytes: count, declaredBytes: 5)) { try message(Array(whole[..<count])) }
    }
    for count in 5..<8 {
      let refusal = Refusal.truncatedMessage(bytes: count - 5, declaredBytes: 3)
      #expect(throws: refusal) { try message(Array(whole[..<count])) }
    }
  }

  @Test func noMessageAndASecondOneAreRefused() {
    #expect(throws: Refusal.notOneMessage) { try message([]) }
    #expect(throws: Refusal.notOneMessage) { try message([0, 0, 0, 0, 0, 0]) }
    #expect(throws: Refusal.notOneMessage) { try message([0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0]) }
  }

  @Test func theLimitHoldsForWhatIsDeclared() throws {
    #expect(try message([0, 0, 0, 0, 3, 1, 1, 1], maxBytes: 3).range == 5..<8)
    #expect(throws: Refusal.tooLarge(.grpcMessage(bytes: 4, limitBytes: 3))) {
      try message([0, 0, 0, 0, 4, 1, 1, 1, 1], maxBytes: 3)
    }
    #expect(throws: Refusal.tooLarge(.grpcMessage(bytes: 0xFFFF_FFFF, limitBytes: 3))) {
      try message([0, 255, 255, 255, 255], maxBytes: 3)
    }
  }
}
