import CVector

/// A function that replaces a value by the hexadecimal digits of its hash.
package enum HashFunction: String, Sendable, CaseIterable {
  case sha256, sha1, md5, sha3

  /// Whether it can be had here: all but SHA-256 are the system's libcrypto's, whose configuration may rule some out.
  package var isAvailable: Bool { library.map { $0.isAvailable } ?? true }

  /// Appends the digest of some bytes as lower-case hexadecimal digits: 64, or 40 of SHA-1 and 32 of MD5.
  func appendHex(of bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    if let library {
      library.appendHex(of: bytes, to: &writer)
    } else {
      writer.appendHex(words: SHA256.digest(of: bytes))
    }
  }

  private var library: LibraryDigest? {
    switch self {
    case .sha256: nil
    case .sha1: .sha1
    case .md5: .md5
    case .sha3: .sha3
    }
  }
}

extension ByteWriter {
  /// Appends the words of a digest, eight digits each.
  mutating func appendHex(words: InlineArray<8, UInt32>) {
    makeRoom(64)
    for index in 0..<4 {
      let pair = UInt64(words[index &* 2]) << 32 | UInt64(words[index &* 2 &+ 1])
      bytes16_store(end + index &* 16, hex_digits16(pair))
    }
    advance(64)
  }
}
