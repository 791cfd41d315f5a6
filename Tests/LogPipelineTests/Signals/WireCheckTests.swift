import Options
import Testing

@testable import LogPipeline

@Suite struct WireCheckTests {
  private static let traces = Message.group(.span(), .span("b")) + Message.group(.span("c"))
  private static let metrics = Message.group(.metrics[0], .metrics[1]) + Message.group(.metrics[2])

  private func limits(_ edit: (inout DecodeLimits) -> Void) -> DecodeLimits {
    var limits = DecodeLimits()
    edit(&limits)
    return limits
  }

  private func reason(_ message: Message, _ limits: DecodeLimits = DecodeLimits(), of signal: Signal = .traces)
    -> DecodeError.Reason?
  {
    do {
      _ = try SignalRequest(signal, message, limits: limits)
      return nil
    } catch {
      return (error as? DecodeError)?.reason
    }
  }

  /// Each prefix is refused, or is what stands before a border of two resources.
  @Test(arguments: [(Signal.traces, traces), (.metrics, metrics)])
  func aRequestThatIsCutShortIsRefused(_ signal: Signal, _ message: Message) throws {
    let whole = try SignalRequest(signal, message)
    let borders = Set([0] + whole.pieces.map(\.range.upperBound))
    for count in 0..<message.bytes.count where !borders.contains(count) {
      #expect(reason(Message(raw: Array(message.bytes.prefix(count))), of: signal) != nil, "\(count)")
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
    #expect(reason(histogram(.bytes(6, [0, 0, 0])), of: .metrics) == broken)
    #expect(reason(histogram(.int(6, 1)), of: .metrics) != nil)
    func buckets(_ field: Message) -> Message {
      .group(Message(.message(10, Message(.message(1, Message(.message(8, Message(field))))))))
    }
    #expect(try SignalRequest(.metrics, buckets(.bytes(2, [1, 0x80, 1]))).items == 1)
    #expect(try SignalRequest(.metrics, buckets(.int(2, 300))).items == 1)
    #expect(reason(buckets(.bytes(2, [0x80])), of: .metrics) == .malformed("protobuf ends inside a varint"))
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
    #expect(reason(.group(.gauge(points: 3)), limits, of: .metrics) == nil)
    #expect(reason(.group(.gauge(points: 4)), limits, of: .metrics) == .tooManyRecords(limit: 3))
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
    #expect(reason(counts, limits { $0.maxValues = 6 }, of: .metrics) == nil)
    #expect(reason(counts, limits { $0.maxValues = 5 }, of: .metrics) == .tooManyValues(limit: 5))
  }
}
