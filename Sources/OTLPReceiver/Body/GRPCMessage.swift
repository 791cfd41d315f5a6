import HTTPTransport

/// The one message of a unary gRPC call's body, behind its prefix (`GRPCPrefix`).
struct GRPCMessage: Equatable {
  /// How the message is compressed: the call's coding if its flag is set.
  let coding: ContentCoding
  /// Where the message lies in the body.
  let range: Range<Int>

  /// Finds the message in a whole body, sent with `grpc-encoding: coding`.
  init(in body: [UInt8], coding: ContentCoding, maxBytes: Int) throws(Refusal) {
    guard !body.isEmpty else { throw .notOneMessage }
    guard let prefix = GRPCPrefix(of: body) else {
      throw .truncatedMessage(bytes: body.count, declaredBytes: GRPCPrefix.byteCount)
    }
    let declared = prefix.messageBytes
    guard declared <= maxBytes else { throw .tooLarge(.grpcMessage(bytes: declared, limitBytes: maxBytes)) }
    let held = body.count &- GRPCPrefix.byteCount
    guard held >= declared else { throw .truncatedMessage(bytes: held, declaredBytes: declared) }
    guard held == declared else { throw .notOneMessage }
    guard prefix.flag <= 1 else { throw .malformedFrame("its compressed flag is neither 0 nor 1") }
    guard prefix.flag == 0 || coding != .identity else {
      throw .malformedFrame("its compressed flag is set without a grpc-encoding")
    }
    self.coding = prefix.flag == 1 ? coding : .identity
    range = GRPCPrefix.byteCount..<body.count
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
