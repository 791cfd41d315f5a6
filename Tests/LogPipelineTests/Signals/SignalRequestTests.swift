import Options
import Testing

@testable import LogPipeline

@Suite struct SignalRequestTests {
  private static let traces = Message.group(.span(), .span("b")) + Message.group(.span("c"))
  private static let metrics = Message.group(.metrics[0], .metrics[1]) + Message.group(.metrics[2])

  private func limits(_ edit: (inout DecodeLimits) -> Void) -> DecodeLimits {
    var limits = DecodeLimits()
    edit(&limits)
    return limits
  }

  private func reason(_ signal: Signal = .traces, _ message: Message, _ limits: DecodeLimits = DecodeLimits())
    -> DecodeError.Reason?
  {
    do {
      _ = try SignalRequest(signal, message, limits: limits)
      return nil
    } catch {
      return (error as? DecodeError)?.reason
    }
  }

  @Test func bytesAreKeptAndItemsCounted() throws {
    let traces = try SignalRequest(.traces, Self.traces)
    #expect(traces.bytes == Self.traces.bytes && traces.items == 3 && traces.pieces.map(\.records) == [2, 1])
    #expect(traces.oddities.isEmpty && traces.byteCount == Self.traces.bytes.count)
    let metrics = try SignalRequest(.metrics, .group(.metrics[0], .metrics[1]) + .group(.metrics[2], .metrics[3]))
    #expect(metrics.items == 5 && metrics.pieces.map(\.records) == [3, 2])
    let all = try SignalRequest(.metrics, Message(Message.metrics.map { .group($0) }))
    #expect(all.items == 6 && all.bytes == Message(Message.metrics.map { .group($0) }).bytes)
  }

  @Test func whatHasNoItemsGoesNowhere() throws {
    let empty = Message.group() + .string(7, "unknown") + .message(1, Message())
    let request = try SignalRequest(.traces, empty + Self.traces + empty)
    #expect(request.bytes == Self.traces.bytes && request.items == 3)
    #expect(try SignalRequest(.traces, Message()).items == 0)
    #expect(try SignalRequest(.metrics, .group(Message(.string(1, "no points"), .message(5, Message())))).items == 0)
  }

  @Test func aRequestMayStartWithinItsBody() throws {
    var request = SignalRequest()
    try request.read(.traces, protobuf: [0, 0, 0, 0, 9] + Self.traces.bytes, from: 5, limits: DecodeLimits())
    #expect(request.bytes == Self.traces.bytes && request.items == 3)
    let broken = [0, 0, 0, 0, 9] + [0x0A, 0x05, 0x00]
    #expect(throws: DecodeError(.malformed("protobuf length runs past the end of its message"), at: 1)) {
      try request.read(.traces, protobuf: broken, from: 5, limits: DecodeLimits())
    }
    #expect(request.items == 0 && request.pieces.isEmpty)
  }

  /// Each prefix is refused, or is what stands before a border of two resources.
  @Test(arguments: [(Signal.traces, traces), (.metrics, metrics)])
  func aRequestThatIsCutShortIsRefused(_ signal: Signal, _ message: Message) throws {
    let whole = try SignalRequest(signal, message)
    let borders = Set([0] + whole.pieces.map(\.range.upperBound))
    for count in 0..<message.bytes.count where !borders.contains(count) {
      #expect(reason(signal, Message(raw: Array(message.bytes.prefix(count)))) != nil, "\(count)")
    }
  }

  @Test(arguments: [
    // A field of another wire type than the schema's: an id, a time, a kind, a string, a message, packed spans.
    Message.int(1, 1), .int(7, 1), .fixed64(6, 1), .int(5, 1), .int(9, 1), .int(16, 1), .fixed64(16, 1), .int(2, 3),
  ])
  func anotherWireTypeIsMalformed(field: Message) {
    #expect(
      reason(.group(.span("a", field)))
        == .malformed("protobuf field has another wire type than OTLP defines"))
  }

  @Test func listsOfNumbersArePackedOrNot() throws {
    func histogram(_ fields: Message...) -> Message {
      .group(Message(.message(9, Message(.message(1, Message(fields))))))
    }
    #expect(try SignalRequest(.metrics, histogram(.fixed64(6, 1), .fixed64(6, 2))).items == 1)
    #expect(try SignalRequest(.metrics, histogram(.bytes(6, [UInt8](repeating: 0, count: 24)))).items == 1)
    let broken = DecodeError.Reason.malformed("protobuf list of numbers ends inside a number")
    #expect(reason(.metrics, histogram(.bytes(6, [0, 0, 0]))) == broken)
    #expect(reason(.metrics, histogram(.int(6, 1))) != nil)
    func buckets(_ field: Message) -> Message {
      .group(Message(.message(10, Message(.message(1, Message(.message(8, Message(field))))))))
    }
    #expect(try SignalRequest(.metrics, buckets(.bytes(2, [1, 0x80, 1]))).items == 1)
    #expect(try SignalRequest(.metrics, buckets(.int(2, 300))).items == 1)
    #expect(reason(.metrics, buckets(.bytes(2, [0x80]))) == .malformed("protobuf ends inside a varint"))
  }

  @Test func unknownFieldsStayWhereTheyAre() throws {
    let unknown = Message(.int(200, 1), .string(201, "x"), .fixed32(31, 1), Message(raw: [0xB3, 0x02, 0xB4, 0x02]))
    let message = Message.group(.span("a", unknown))
    let request = try SignalRequest(.traces, message)
    #expect(request.bytes == message.bytes && request.items == 1 && request.oddities.isEmpty)
    #expect(reason(.group(.span("a", Message(raw: [0xB3, 0x02])))) == .malformed("protobuf ends inside a group"))
  }

  // MARK: Limits

  @Test func valuesNestAsDeepAsTheLimit() throws {
    func nested(_ depth: Int) -> Message {
      (1..<depth).reduce(Message.text("leaf")) { value, _ in .message(5, .message(1, value)) }
    }
    let limits = limits { $0.maxDepth = 4 }
    func request(_ depth: Int) -> Message { .group(.span("a", .message(9, .pair("k", nested(depth))))) }
    #expect(reason(request(4), limits) == nil)
    #expect(reason(request(5), limits) == .tooDeep(limit: 4))
    #expect(reason(request(100_000)) == .tooDeep(limit: 64))
  }

  @Test func itemsScopesAndResourcesAreCountedAgainstTheLimit() {
    let limits = limits { $0.maxRecords = 3 }
    #expect(reason(Self.traces, limits) == nil)
    #expect(reason(Self.traces + .group(.span()), limits) == .tooManyRecords(limit: 3))
    #expect(reason(.group() + .group() + .group(), limits) == nil)
    #expect(reason(.group() + .group() + .group() + .group(), limits) == .tooManyRecords(limit: 3))
    let scopes = { (count: Int) in
      Message.message(1, Message((0..<count).map { _ in .message(2, Message()) }))
    }
    #expect(reason(scopes(3), limits) == nil && reason(scopes(4), limits) == .tooManyRecords(limit: 3))
    #expect(reason(.metrics, .group(.gauge(points: 3)), limits) == nil)
    #expect(reason(.metrics, .group(.gauge(points: 4)), limits) == .tooManyRecords(limit: 3))
  }

  @Test func valuesAreCountedAgainstTheLimit() {
    // An attribute of the resource, one of each span, two members of a list, an event and its attribute.
    let list = Message.message(5, Message(.message(1, .text("a")), .message(1, .text("b"))))
    let event = Message.message(11, Message(.message(3, .pair("e", .text("f")))))
    let message = Message.group(.span("a", .message(9, .pair("l", list)), event), .span("b"))
    #expect(reason(message, limits { $0.maxValues = 8 }) == nil)
    #expect(reason(message, limits { $0.maxValues = 7 }) == .tooManyValues(limit: 7))
    let counts = Message.group(
      resource: Message(), Message(.message(9, Message(.message(1, .bytes(6, [UInt8](repeating: 0, count: 40)))))))
    // A metric and five counts.
    #expect(reason(.metrics, counts, limits { $0.maxValues = 6 }) == nil)
    #expect(reason(.metrics, counts, limits { $0.maxValues = 5 }) == .tooManyValues(limit: 5))
  }

  // MARK: What is mended

  private static let invalid = Message.group(
    .span("a", .bytes(5, [0x61, 0xFF, 0x62]), .message(9, .pair("k", .bytes(1, [0xC3])))), .span("b"))

  @Test func textThatIsNoUTF8IsMendedOrRefused() throws {
    let request = try SignalRequest(.traces, Self.invalid)
    #expect(request.oddities.repairedStrings == 2 && request.items == 2 && request.pieces.count == 1)
    #expect(try SignalRequest(.traces, Message(raw: request.bytes)).oddities.isEmpty)
    #expect(request.json.contains(#""name":"a\#u{FFFD}b""#) && request.json.contains(#""stringValue":"\#u{FFFD}""#))
    #expect(reason(Self.invalid, limits { $0.invalidUTF8 = .refuse }) == .invalidUTF8)
  }

  @Test func idsOfAWrongLengthAreDroppedAndCounted() throws {
    let odd = Message(.bytes(1, [1, 2]), .bytes(2, [UInt8](repeating: 1, count: 9)), .string(5, "kept"))
    let request = try SignalRequest(.traces, .group(odd, .span("a", .bytes(4, []))))
    #expect(request.oddities.droppedTraceIDs == 1 && request.oddities.droppedSpanIDs == 1 && request.items == 2)
    let kept = try SignalRequest(.traces, .group(Message(.string(5, "kept")), .span("a", .bytes(4, []))))
    #expect(request.bytes == kept.bytes)
  }

  @Test func aRequestThatIsReadAgainForgetsTheOneBefore() throws {
    var request = try SignalRequest(.traces, Self.invalid)
    try request.read(.metrics, protobuf: Message.group(.gauge(points: 1)).bytes, limits: DecodeLimits())
    #expect(request.signal == .metrics && request.items == 1 && request.oddities.isEmpty && request.pieces.count == 1)
    request.removeAll()
    #expect(request.items == 0 && request.body.isEmpty && request.bytes.isEmpty)
  }
}
