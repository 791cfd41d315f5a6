import CVector

/// A function that replaces a value by the hexadecimal digits of its hash.
package enum HashFunction: String, Sendable, CaseIterable {
  case sha256, sha1, md5, sha3

  /// Appends the digest of some bytes as lower-case hexadecimal digits: 64, or 40 of SHA-1 and 32 of MD5.
  func appendHex(of bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    switch self {
    case .sha256: writer.appendHex(words: SHA256.digest(of: bytes), count: 8)
    case .sha1: writer.appendHex(words: SHA1.digest(of: bytes), count: 5)
    case .md5: writer.appendHex(words: MD5.digest(of: bytes), count: 4)
    case .sha3:
      let digest = SHA3.digest(of: bytes)
      for index in 0..<4 { writer.appendHex(digest[index]) }
    }
  }
}

extension ByteWriter {
  /// Appends the first words of a digest, eight digits each.
  mutating func appendHex(words: InlineArray<8, UInt32>, count: Int) {
    makeRoom(64)
    for index in 0..<4 {
      let pair = UInt64(words[index &* 2]) << 32 | UInt64(words[index &* 2 &+ 1])
      bytes16_store(end + index &* 16, hex_digits16(pair))
    }
    advance(min(max(count, 0), 8) &* 8)
  }
}
