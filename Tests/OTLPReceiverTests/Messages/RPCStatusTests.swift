import COTLP
import LogPipeline
import Testing

@testable import OTLPReceiver

@Suite struct RPCStatusTests {
  private let full = RPCStatus(
    code: .invalidArgument, message: "no \"good\"",
    details: [.badRequest(field: "body", description: "bad"), .retryInfo(.milliseconds(1500))])

  @Test func protobufReadsBack() throws {
    let bytes = full.protobuf
    let status = try #require(google__rpc__status__unpack(nil, bytes.count, bytes))
    defer { google__rpc__status__free_unpacked(status, nil) }
    #expect(status.pointee.code == 3)
    #expect(String(cString: status.pointee.message) == "no \"good\"")
    try #require(status.pointee.n_details == 2)
    let badRequest = try #require(status.pointee.details[0]?.pointee)
    #expect(String(cString: badRequest.type_url) == "type.googleapis.com/google.rpc.BadRequest")
    #expect(try violation(badRequest.value) == ["body", "bad"])
    let retryInfo = try #require(status.pointee.details[1]?.pointee)
    #expect(String(cString: retryInfo.type_url) == "type.googleapis.com/google.rpc.RetryInfo")
    #expect(try delay(retryInfo.value) == .milliseconds(1500))
  }

  private func violation(_ value: ProtobufCBinaryData) throws -> [String] {
    let request = try #require(google__rpc__bad_request__unpack(nil, value.len, value.data))
    defer { google__rpc__bad_request__free_unpacked(request, nil) }
    let violation = try #require(request.pointee.field_violations[0]?.pointee)
    return [String(cString: violation.field), String(cString: violation.description)]
  }

  private func delay(_ value: ProtobufCBinaryData) throws -> Duration {
    let info = try #require(google__rpc__retry_info__unpack(nil, value.len, value.data))
    defer { google__rpc__retry_info__free_unpacked(info, nil) }
    let delay = try #require(info.pointee.retry_delay?.pointee)
    return .seconds(delay.seconds) + .nanoseconds(Int64(delay.nanos))
  }

  @Test func jsonIsProtobufsMapping() {
    let json = String(decoding: full.json, as: UTF8.self)
    #expect(
      json == #"{"code":3,"message":"no \"good\"","details":["#
        + #"{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"body","description":"bad"}]},"#
        + #"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.500000000s"}]}"#)
    let bare = RPCStatus(code: .internal, message: "x", details: [.retryInfo(.seconds(5))])
    #expect(String(decoding: bare.json, as: UTF8.self).contains(#""retryDelay":"5s""#))
    #expect(
      String(decoding: RPCStatus(code: .internal, message: "x").json, as: UTF8.self) == #"{"code":13,"message":"x"}"#)
  }

  @Test func messagesAreCutAtTheLimitBetweenCharacters() {
    let limit = RPCStatus.maxMessageBytes
    let fits = String(repeating: "a", count: limit)
    #expect(RPCStatus(code: .internal, message: fits).message == fits)
    #expect(RPCStatus(code: .internal, message: fits + "b").message == fits)
    let accents = String(repeating: "a", count: limit - 1) + "é"
    #expect(RPCStatus(code: .internal, message: accents).message == String(repeating: "a", count: limit - 1))
  }

  @Test(arguments: [
    (Duration.zero, Int64(1)), (.milliseconds(1), 1), (.seconds(1), 1), (.milliseconds(1001), 2), (.seconds(5), 5),
    (.seconds(-3), 1),
  ])
  func retryAfterIsRoundedUpAndNeverZero(hint: Duration, seconds: Int64) {
    #expect(hint.retryAfterSeconds == seconds)
  }

  @Test func onlyRefusalsThatARetryHelpsCarryRetryInfo() {
    for refusal in everyRefusal {
      let status = RPCStatus(refusal, retryHint: .seconds(2))
      let hasHint = status.details.contains(.retryInfo(refusal.retryAfter ?? .seconds(2)))
      #expect(hasHint == (refusal.kind.row.retry == .hinted), "\(refusal)")
    }
  }

  @Test func aRefusalThatKnowsHowLongToWaitSaysSoItself() {
    let refusal = Refusal.limited(processor: "rate_limit", reason: "enough", retryAfter: .milliseconds(1500))
    #expect(RPCStatus(refusal, retryHint: .seconds(9)).details == [.retryInfo(.milliseconds(1500))])
    let answer = HTTPAnswer.refusal(refusal, form: .json, retryHint: .seconds(9))
    #expect(answer.status == 429 && answer.headers.first(name: "retry-after") == "2")
    let unknown = Refusal.limited(processor: "rate_limit", reason: "enough", retryAfter: nil)
    #expect(RPCStatus(unknown, retryHint: .seconds(9)).details == [.retryInfo(.seconds(9))])
  }

  /// What a sender has to mend is named: a header field, or the body.
  @Test(arguments: [
    (Refusal.malformedTimeout, "grpc-timeout"), (.undecodable(DecodeError(.invalidUTF8, at: 0)), "body"),
    (.metadata(.longValue(key: "x-scope", bytes: 2, limit: 1), destination: "a"), "x-scope"),
    (.metadata(.tooMuch(bytes: 2, limit: 1), destination: "a"), "body"),
  ])
  func theFieldThatIsWrongIsNamed(_ refusal: Refusal, _ field: String) {
    let status = RPCStatus(refusal, retryHint: .seconds(1))
    #expect(status.details == [.badRequest(field: field, description: status.message)])
  }

  @Test func aHeaderFieldThatNamesNoTenantIsNamed() {
    var policy = TenantPolicy()
    policy.sources = [.claim("tenant"), .field("x-tenant"), .attribute("tenant.id")]
    let long = String(repeating: "x", count: 129)
    let refused = #expect(throws: TenantRefusal.self) {
      try policy.tenant { source in if case .field = source { [long] } else { [] } }
    }
    guard let refused else { return }
    let status = RPCStatus(.tenant(refused), retryHint: .seconds(1))
    #expect(status.details == [.badRequest(field: "x-tenant", description: status.message)])
    let of = #expect(throws: TenantRefusal.self) {
      try policy.tenant { source in if case .claim = source { [long] } else { [] } }
    }
    #expect(of?.field == nil)
  }
}
