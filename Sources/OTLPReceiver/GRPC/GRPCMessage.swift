/// The one message of a unary gRPC call's body ("gRPC over HTTP2", Length-Prefixed-Message): a flag, the length in
/// four bytes, the message.
struct GRPCMessage: Equatable {
  /// Bytes before a message.
  static let prefixBytes = 5

  /// How the message is compressed: the call's coding if its flag is set.
  let coding: ContentCoding
  /// Where the message lies in the body.
  let range: Range<Int>

  /// Finds the message in a whole body, sent with `grpc-encoding: coding`.
  init(in body: [UInt8], coding: ContentCoding, maxBytes: Int) throws(Refusal) {
    guard !body.isEmpty else { throw .notOneMessage }
    guard body.count >= Self.prefixBytes else {
      throw .truncatedMessage(bytes: body.count, declaredBytes: Self.prefixBytes)
    }
    let declared = body[1...4].reduce(0) { $0 &<< 8 | Int($1) }
    guard declared <= maxBytes else { throw .tooLarge(.grpcMessage(bytes: declared, limitBytes: maxBytes)) }
    let held = body.count &- Self.prefixBytes
    guard held >= declared else { throw .truncatedMessage(bytes: held, declaredBytes: declared) }
    guard held == declared else { throw .notOneMessage }
    guard body[0] <= 1 else { throw .malformedFrame("its compressed flag is neither 0 nor 1") }
    guard body[0] == 0 || coding != .identity else {
      throw .malformedFrame("its compressed flag is set without a grpc-encoding")
    }
    self.coding = body[0] == 1 ? coding : .identity
    range = Self.prefixBytes..<body.count
  }

  /// A message behind its prefix.
  static func framed(_ message: [UInt8]) -> [UInt8] {
    let count = UInt32(truncatingIfNeeded: message.count)
    return [0] + withUnsafeBytes(of: count.bigEndian) { Array($0) } + message
  }
}

extension Refusal.SizeExcess {
  static func grpcMessage(bytes: Int, limitBytes: Int) -> Refusal.SizeExcess {
    Refusal.SizeExcess("gRPC message", bytes: bytes, limitBytes: limitBytes, option: "max_recv_msg_size_mib")
  }

  static func requestBody(bytes: Int, limitBytes: Int) -> Refusal.SizeExcess {
    Refusal.SizeExcess("request body", bytes: bytes, limitBytes: limitBytes, option: "max_request_body_size")
  }
}
