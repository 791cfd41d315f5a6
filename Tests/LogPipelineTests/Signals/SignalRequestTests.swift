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
    let broken: [UInt8] = [0, 0, 0, 0, 9] + [0x0A, 0x05, 0x00]
    #expect(throws: DecodeError(.malformed("protobuf length runs past the end of its message"), at: 1)) {
      try request.read(.traces, protobuf: broken, from: 5, limits: DecodeLimits())
    }
    #expect(request.items == 0 && request.pieces.isEmpty)
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
