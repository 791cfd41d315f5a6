import COTLP
import LogPipeline
package import Options

/// Holds requests of traces and metrics, which are passed on as bytes, against libprotobuf-c.
///
/// Both must accept the same bodies, but for what the gateway does on purpose (`ProtobufOracle`), and what goes through
/// JSON and back must be the same message.
package enum SignalOracle {
  /// Whether both accept a body; what the gateway accepts has to go through JSON twice without a change.
  package static func compare(_ body: [UInt8], _ signal: Signal) -> ProtobufOracle.Outcome {
    let isValid = packed(UnknownGroups.leftOut(of: body) ?? body, signal) != nil
    var request = SignalRequest(signal)
    do throws(DecodeError) {
      try request.read(signal, protobuf: body, limits: DecodeLimits())
    } catch {
      if !isValid { return .bothRefuse }
      if ProtobufOracle.isStricter(error) { return .stricter }
      return .differ("only libprotobuf-c accepts; the gateway says \(error.message)")
    }
    if !isValid { return .differ("only the gateway accepts") }
    for (piece, line) in zip(request.pieces, lines(of: request)) {
      guard let again = transcoded(line, signal) else { return .differ("its own JSON is refused: \(text(line))") }
      if lines(of: again).map(withoutEmptyIDs) == [withoutEmptyIDs(line)] { continue }
      // What has no items gives no line; that is so of a oneof set twice if the last is empty.
      let left = packed(Array(request.body[piece.range]), signal).map { items(of: $0, signal) }
      if again.items > 0 || left != 0 { return .differ("\(text(line)) became \(lines(of: again).map(text))") }
    }
    return .bothAccept
  }

  /// How a valid request without unknown fields changes on its way through JSON, by libprotobuf-c; nil if it does not.
  package static func change(ofValid body: [UInt8], _ signal: Signal) -> String? {
    var request = SignalRequest(signal)
    do throws(DecodeError) {
      try request.read(signal, protobuf: body, limits: DecodeLimits())
    } catch {
      return "refused: \(error.message)"
    }
    if !request.oddities.isEmpty { return "mended: \(request.oddities)" }
    for (piece, line) in zip(request.pieces, lines(of: request)) {
      guard let again = transcoded(line, signal) else { return "its own JSON is refused: \(text(line))" }
      guard let before = packed(Array(request.body[piece.range]), signal), packed(again.body, signal) == before else {
        return "not the same message: \(text(line))"
      }
      // Of a oneof that is set several times the last counts, which the bytes alone do not tell: count what is left.
      let left = items(of: before, signal)
      if left != again.items { return "\(left) items became \(again.items): \(text(line))" }
    }
    return nil
  }

  /// A line without ids of no bytes, which are none: they are left out where JSON is read.
  private static func withoutEmptyIDs(_ line: [UInt8]) -> String {
    ["traceId", "spanId", "parentSpanId"].reduce(text(line)) { text, name in
      let empty = "\"\(name)\":\"\""
      return text.replacing(",\(empty)", with: "").replacing("\(empty),", with: "").replacing(empty, with: "")
    }
  }

  /// How many spans or points a body has; 0 if it is not read.
  private static func items(of body: [UInt8], _ signal: Signal) -> Int {
    var request = SignalRequest(signal)
    try? request.read(signal, protobuf: body, limits: DecodeLimits())
    return request.items
  }

  /// A body as libprotobuf-c writes it again; nil if it does not read it.
  private static func packed(_ body: [UInt8], _ signal: Signal) -> [UInt8]? {
    let message = body.withUnsafeBufferPointer {
      protobuf_c_message_unpack(signal.descriptor, nil, $0.count, $0.baseAddress)
    }
    guard let message else { return nil }
    defer { protobuf_c_message_free_unpacked(message, nil) }
    return [UInt8](unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(message)) { buffer, count in
      count = buffer.baseAddress.map { protobuf_c_message_pack(message, $0) } ?? 0
    }
  }

  /// The lines that the exporter `file` writes.
  private static func lines(of request: SignalRequest) -> [[UInt8]] {
    var frames = FrameWriter()
    do throws(EncodeError) { try FileDialect().encode(request, into: &frames) } catch { return [] }
    return frames.bytes.array.split(separator: UInt8(ascii: "\n")).map { Array($0) }
  }

  private static func transcoded(_ line: [UInt8], _ signal: Signal) -> SignalRequest? {
    var request = SignalRequest(signal)
    do throws(DecodeError) { try request.read(signal, json: line, limits: DecodeLimits()) } catch { return nil }
    return request
  }

  private static func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }
}
