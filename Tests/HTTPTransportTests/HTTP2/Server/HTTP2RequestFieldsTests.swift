import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct HTTP2RequestFieldsTests {
  private typealias Fields = [(String, String)]

  private final class Note: Sendable {}

  /// What requests with these blocks, one after the other, come to; a head that was made anew has a note of its own.
  private func heads(_ blocks: [Fields], maxBytes: Int = .max) -> [HTTPRequestHead] {
    var fields = HTTP2RequestFields(maxBytes: maxBytes, maxCount: 100)
    return blocks.map { block in
      receive(block, into: &fields)
      return end(&fields)
    }
  }

  private func receive(_ block: Fields, isTrailer: Bool = false, into fields: inout HTTP2RequestFields) {
    fields.begin(isTrailer: isTrailer)
    for (name, value) in block {
      Array(name.utf8).withUnsafeBufferPointer { name in
        Array(value.utf8).withUnsafeBufferPointer { fields.add(name: name, value: $0) }
      }
    }
  }

  private func end(_ fields: inout HTTP2RequestFields, now: NIODeadline = .now()) -> HTTPRequestHead {
    fields.end(now: now) { fields in
      var head = fields.requestHead(from: HTTPPeer(address: "192.0.2.1:1", isTLS: false))
      head.note = Note()
      return head
    }
  }

  private func isShared(_ head: HTTPRequestHead, _ other: HTTPRequestHead) -> Bool { head.note === other.note }

  private func text(_ head: HTTPRequestHead) -> String { "\(head.method) \(head.path) \(head.headers)" }

  private static let block: Fields = [(":method", "POST"), (":path", "/a"), ("x-one", "1"), ("x-two", "22")]

  @Test func theSameBlockMakesTheSameHead() {
    let heads = heads([Self.block, Self.block, Self.block])
    #expect(Set(heads.map(text)) == ["POST /a x-one: 1; x-two: 22"])
    #expect(isShared(heads[1], heads[0]) && isShared(heads[2], heads[0]))
  }

  @Test func aSharedHeadHasATimeOfItsOwn() {
    var fields = HTTP2RequestFields(maxBytes: .max, maxCount: 100)
    receive(Self.block, into: &fields)
    _ = end(&fields)
    receive(Self.block, into: &fields)
    #expect(end(&fields, now: .uptimeNanoseconds(7)).arrivedAt == .uptimeNanoseconds(7))
  }

  @Test(arguments: [
    [(":method", "POST"), (":path", "/a"), ("x-one", "1"), ("x-two", "23")],
    [(":method", "POST"), (":path", "/b"), ("x-one", "1"), ("x-two", "22")],
    [(":method", "PUT"), (":path", "/a"), ("x-one", "1"), ("x-two", "22")],
    [(":method", "POST"), (":path", "/a"), ("x-one", "1")],
    [(":method", "POST"), (":path", "/a"), ("x-one", "1"), ("x-two", "22"), ("x-three", "")],
    [(":method", "POST"), (":path", "/a"), ("x-one", "1"), ("x-two", "22"), ("x-two", "22")],
    [(":method", "POST"), (":path", "/a"), ("x-two", "22"), ("x-one", "1")],
    [(":method", "POST"), (":path", "/a"), ("x-one", "1x"), ("-two", "22")],
    [(":method", "POST"), (":path", "/a"), ("x-one1", ""), ("x-two", "22")],
    [(":path", "/a"), (":method", "POST")],
    [],
  ])
  func anyOtherBlockMakesAnotherHead(other: [(String, String)]) {
    let heads = heads([Self.block, other, other, Self.block])
    #expect(heads.map(text) == [alone(Self.block), alone(other), alone(other), alone(Self.block)])
    #expect(!isShared(heads[1], heads[0]) && !isShared(heads[3], heads[1]))
    #expect(isShared(heads[2], heads[1]))
  }

  private func alone(_ block: Fields) -> String { heads([block]).map(text).joined() }

  @Test func trailersChangeNothing() {
    var fields = HTTP2RequestFields(maxBytes: .max, maxCount: 100)
    receive(Self.block, into: &fields)
    let first = end(&fields)
    receive([(":method", "POST"), ("x-other", "3")], isTrailer: true, into: &fields)
    receive(Self.block, into: &fields)
    #expect(isShared(end(&fields), first))
  }

  @Test func aBlockPastALimitIsForgotten() {
    // The four fields count 11 + 7 + 6 + 7 bytes and 32 each.
    var fields = HTTP2RequestFields(maxBytes: 159, maxCount: 4)
    receive(Self.block, into: &fields)
    #expect(fields.excess == nil)
    let first = end(&fields)
    receive(Self.block + [("x", "")], into: &fields)
    #expect(fields.excess == HTTPExcess(abuse: .headerTooLarge, count: 192, limit: 159))
    receive(Self.block.dropLast() + [("x-two", "333")], into: &fields)
    #expect(fields.excess == HTTPExcess(abuse: .headerTooLarge, count: 160, limit: 159))
    receive(Self.block, into: &fields)
    #expect(fields.excess == nil)
    let last = end(&fields)
    #expect(text(last) == text(first))
  }

  @Test func aLargeBlockIsNotKept() {
    func block(_ storeBytes: Int) -> Fields {
      // Lengths take 16 bytes a field.
      [("x", String(repeating: "x", count: storeBytes - 17))]
    }
    let kept = heads([block(2048), block(2048)])
    #expect(isShared(kept[0], kept[1]))
    let large = heads([block(2049), block(2049), Self.block])
    #expect(!isShared(large[0], large[1]))
    #expect(text(large[0]) == text(large[1]) && text(large[2]) == alone(Self.block))
  }
}
