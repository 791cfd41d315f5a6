/// A 128-bit hash of a request, the same in every replica and every version: it names documents, so its definition is
/// as fixed as a file format; `key` is the format's version. docs/DELIVERY.md has the definition for others.
///
/// It is SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, and
/// its reference code) of the request's bytes as received, after decompression. Where the configuration asks header
/// fields for routes, attributes or rates, those that the request has are hashed behind it: two tenants that send the
/// same bytes are two.
package struct RequestHash: Sendable, Equatable {
  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// `sluice-doc-id-v2` in ASCII.
  package static let key = (first: UInt64(0x642D_6563_6975_6C73), second: UInt64(0x3276_2D64_692D_636F))

  /// Hashes a whole request body, after decompression.
  package init(of bytes: UnsafeRawBufferPointer) { self.init(of: bytes, key: Self.key) }

  /// Hashes bytes under a key of two little-endian words; the first eight bytes of the result are `high`, big-endian.
  init(of bytes: UnsafeRawBufferPointer, key: (first: UInt64, second: UInt64)) {
    var state = SipState(key: key)
    if let base = bytes.baseAddress {
      var offset = 0
      while offset &+ 8 <= bytes.count {
        state.take(UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        offset &+= 8
      }
    }
    var last = UInt64(truncatingIfNeeded: bytes.count) &<< 56
    for (place, byte) in bytes.suffix(bytes.count % 8).enumerated() { last |= UInt64(byte) &<< UInt64(8 &* place) }
    state.take(last)
    let (first, second) = state.finish()
    self.init(high: first.byteSwapped, low: second.byteSwapped)
  }

  /// The hash with header fields behind it, in the order given: of this hash's bytes and, for each field that the
  /// request has, the length of its name and its name, the length of its values joined by `;` and these, each length as
  /// four bytes, low first. The same hash if the request has none of them.
  func adding(_ names: [[UInt8]], of request: RequestContext) -> RequestHash {
    var message = ByteWriter(capacityBytes: 256)
    message.append(copyOf: self)
    let start = message.count
    for name in names {
      guard let value = request.joinedValues(of: name) else { continue }
      for text in [name, value] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: text.count).littleEndian) { message.append($0) }
        message.append(text)
      }
    }
    return message.count == start ? self : message.withUnsafeBytes { RequestHash(of: $0) }
  }
}

extension ByteWriter {
  /// Appends the bytes of a hash.
  fileprivate mutating func append(copyOf hash: RequestHash) {
    Swift.withUnsafeBytes(of: (hash.high.bigEndian, hash.low.bigEndian)) { append($0) }
  }
}

/// The four words of SipHash.
private struct SipState {
  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64

  init(key: (first: UInt64, second: UInt64)) {
    v0 = key.first ^ 0x736F_6D65_7073_6575
    v1 = key.second ^ 0x646F_7261_6E64_6F6D ^ 0xEE
    v2 = key.first ^ 0x6C79_6765_6E65_7261
    v3 = key.second ^ 0x7465_6462_7974_6573
  }

  @inline(__always)
  mutating func take(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  /// The two words of the result.
  mutating func finish() -> (UInt64, UInt64) {
    v2 ^= 0xEE
    for _ in 0..<4 { round() }
    let first = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xDD
    for _ in 0..<4 { round() }
    return (first, v0 ^ v1 ^ v2 ^ v3)
  }

  @inline(__always)
  private mutating func round() {
    v0 &+= v1
    v2 &+= v3
    v1 = v1.rotated(left: 13) ^ v0
    v3 = v3.rotated(left: 16) ^ v2
    v0 = v0.rotated(left: 32)
    v2 &+= v1
    v0 &+= v3
    v1 = v1.rotated(left: 17) ^ v2
    v3 = v3.rotated(left: 21) ^ v0
    v2 = v2.rotated(left: 32)
  }
}

extension UInt64 {
  @inline(__always)
  fileprivate func rotated(left places: UInt64) -> UInt64 { self &<< places | self &>> (64 &- places) }
}
