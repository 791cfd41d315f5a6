package import NIOCore

/// What stands before a gRPC message ("gRPC over HTTP2", Length-Prefixed-Message): a flag that says whether the message
/// is compressed, and its length in four bytes.
package struct GRPCPrefix: Sendable, Equatable {
  package static let byteCount = 5

  /// 0 or 1; what a peer sends may be anything.
  package var flag: UInt8
  package var messageBytes: Int

  /// Reads what a body begins with; nil for a body of fewer than `byteCount` bytes.
  package init?(of body: [UInt8]) {
    guard body.count >= Self.byteCount else { return nil }
    flag = body[0]
    messageBytes = body[1...4].reduce(0) { $0 &<< 8 | Int($1) }
  }

  /// Fills in the prefix of a message that stands behind `byteCount` bytes left for it; false if the message is longer
  /// than a prefix can say.
  package static func fill(in buffer: inout ByteBuffer, isCompressed: Bool) -> Bool {
    guard let count = UInt32(exactly: buffer.readableBytes - byteCount) else { return false }
    buffer.setInteger(isCompressed ? 1 : 0, at: buffer.readerIndex, as: UInt8.self)
    buffer.setInteger(count, at: buffer.readerIndex + 1)
    return true
  }

  /// A message, not compressed, behind its prefix.
  package static func framed(_ message: [UInt8]) -> [UInt8] {
    let count = UInt32(truncatingIfNeeded: message.count)
    return unsafe [0] + withUnsafeBytes(of: count.bigEndian) { unsafe Array($0) } + message
  }
}
