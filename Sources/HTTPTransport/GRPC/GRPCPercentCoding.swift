extension String {
  /// As the value of `grpc-message` ("gRPC over HTTP2", Percent-Encoded): printable ASCII but `%` stays, every other
  /// byte of the UTF-8 becomes `%XX`.
  var percentEncodedForGRPC: String {
    if utf8.allSatisfy(Self.staysInGRPCMessage) { return self }
    let hex = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in utf8 {
      if Self.staysInGRPCMessage(byte) {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static func staysInGRPCMessage(_ byte: UInt8) -> Bool {
    (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%")
  }
}
