/// HMAC with SHA-256 (RFC 2104, FIPS 198-1) under one key; the key is kept as the two states it starts from.
package struct HMACKey: Sendable {
  /// Names the key in what is written, so that keys can be changed and old digests still told apart.
  package let id: String
  private let inner: SHA256
  private let outer: SHA256

  package init(id: String, key: [UInt8]) {
    self.id = id
    var block = [UInt8](repeating: 0, count: 64)
    if key.count > 64 {
      var hasher = SHA256()
      key.withUnsafeBytes { hasher.update($0) }
      let digest = hasher.finish()
      for index in 0..<32 { block[index] = UInt8(truncatingIfNeeded: digest[index / 4] >> UInt32(24 - index % 4 * 8)) }
    } else {
      for (index, byte) in key.enumerated() { block[index] = byte }
    }
    inner = Self.start(block.map { $0 ^ 0x36 })
    outer = Self.start(block.map { $0 ^ 0x5C })
  }

  private static func start(_ block: [UInt8]) -> SHA256 {
    var hasher = SHA256()
    block.withUnsafeBytes { hasher.update($0) }
    return hasher
  }

  /// Appends the authentication code of some bytes as 64 lower-case hexadecimal digits.
  func appendHex(of bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    var hasher = inner
    hasher.update(bytes)
    let digest = hasher.finish()
    var last = outer
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 4) { words in
      for index in 0..<8 { words.storeBytes(of: digest[index].bigEndian, toByteOffset: index &* 4, as: UInt32.self) }
      last.update(UnsafeRawBufferPointer(words))
    }
    writer.appendHex(words: last.finish(), count: 8)
  }
}
