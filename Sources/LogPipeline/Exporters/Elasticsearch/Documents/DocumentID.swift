/// Writes the start of action lines whose `_id` is made of the request's hash and the record's index in the request:
/// 20 bytes, big-endian, in base64url without padding (RFC 4648 section 5), which is 27 characters.
///
/// The same bytes sent again, by whomever and through whichever replica, get the same ids; 128 bits keep the ids of
/// different requests apart, the index those of one request.
struct DocumentIDWriter: ~Copyable {
  /// `{"create":{"_id":"` and the 20 characters that all ids of the request share.
  private var head = ByteWriter(capacityBytes: 64)
  /// The last byte of the hash, which shares a character with the index.
  private let last: UInt64

  init(_ hash: RequestHash) {
    head.append("{\"create\":{\"_id\":\"")
    for group in 0..<10 { head.appendDigits(hash.high &>> UInt64(58 &- 6 &* group), 1) }
    head.appendDigits(hash.high &<< 2 | hash.low &>> 62, 1)
    for group in 0..<9 { head.appendDigits(hash.low &>> UInt64(56 &- 6 &* group), 1) }
    last = hash.low & 0xFF
  }

  /// Appends `{"create":{"_id":"…",`.
  @inline(__always)
  func append(_ index: UInt32, to bytes: inout ByteWriter) {
    head.withUnsafeBytes { bytes.append($0) }
    bytes.appendDigits((last &<< 32 | UInt64(index)) &<< 2, 7)
    bytes.append("\",")
  }
}

extension ByteWriter {
  /// Appends the lowest `count` groups of six bits as base64url, highest first.
  @inline(__always)
  fileprivate mutating func appendDigits(_ bits: UInt64, _ count: Int) {
    let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    makeRoom(count)
    for place in 0..<count {
      let group = Int(truncatingIfNeeded: bits &>> UInt64(6 &* (count &- 1 &- place)) & 63)
      end.storeBytes(of: alphabet.utf8Start[group], toByteOffset: place, as: UInt8.self)
    }
    advance(count)
  }
}
