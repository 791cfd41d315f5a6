import Options
import Testing

@testable import LogPipeline

@Suite struct SignalRequestResourcesTests {
  private func edited(_ request: SignalRequest, _ yaml: String) throws -> SignalRequest {
    let processor = try #require(try madeProcessor("resource", yaml))
    var passing = request
    var context = RequestContext(clientAddress: "10.0.0.7", monotonicNano: 1)
    context.addField("X-Scope-OrgID", "blue")
    try processor.process(&passing, of: &context)
    return passing
  }

  private func resource(_ pairs: (String, String)...) -> Message {
    Message(pairs.map { Message.message(1, .pair($0.0, .text($0.1))) })
  }

  @Test func attributesOfResourcesAreEditedAndNothingElse() throws {
    let before = resource(("service.name", "shop"), ("old", "1"), ("kept", "k"))
    let after = resource(("service.name", "shop"), ("kept", "k"), ("env", "prod"), ("org", "blue"))
    let request = try SignalRequest(
      .traces, .group(resource: before, .span(), .span("b")) + .group(resource: resource(("old", "2")), .span("c")))
    let changed = try edited(
      request,
      """
      attributes:
      - {action: delete, key: old}
      - {action: upsert, key: env, value: prod}
      - {action: insert, key: org, from_context: metadata.x-scope-orgid}
      """)
    let expected =
      Message.group(resource: after, .span(), .span("b"))
      + .group(resource: resource(("env", "prod"), ("org", "blue")), .span("c"))
    #expect(changed.bytes == expected.bytes)
    #expect(changed.items == 3 && changed.pieces.map(\.records) == [2, 1])
    #expect(try SignalRequest(.traces, Message(raw: changed.bytes)).json == changed.json)
  }

  @Test func aResourceThatIsAbsentOrInPartsIsOne() throws {
    let scope = Message.message(2, .message(2, .span()))
    let absent = Message.message(1, scope)
    let parts = Message.message(
      1, Message(.message(1, resource(("a", "1"))), scope, .message(1, resource(("b", "2")))))
    let changed = try edited(
      SignalRequest(.traces, absent + parts), "attributes: [{action: insert, key: c, value: 3}]")
    let number = Message.message(1, .pair("c", .int(3, 3)))
    let whole = resource(("a", "1"), ("b", "2")) + number
    let expected =
      Message.message(1, .message(1, number) + scope) + Message.message(1, .message(1, whole) + scope)
    #expect(changed.bytes == expected.bytes)
  }

  @Test func unknownFieldsAndMetricsStay() throws {
    let group = Message.message(
      1,
      Message([.message(1, resource(("a", "1"))), .int(99, 5)] + Message.metrics.map { .message(2, .message(2, $0)) }))
    let changed = try edited(SignalRequest(.metrics, group), "attributes: [{action: update, key: a, value: b}]")
    let expected = Message.message(
      1,
      Message([.message(1, resource(("a", "b"))), .int(99, 5)] + Message.metrics.map { .message(2, .message(2, $0)) }))
    #expect(changed.bytes == expected.bytes && changed.items == 6)
  }
}
