/// HMAC (RFC 2104, FIPS 198-1) under one key; the key is kept as the two states it starts from.
package struct HMACKey: Sendable {
  /// The hash function that it is made with.
  package enum Function: String, Sendable, CaseIterable {
    case sha256 = "hmac-sha256"
    case sha512 = "hmac-sha512"

    /// Whether it can be had here (`HashFunction.isAvailable`).
    package var isAvailable: Bool { self == .sha256 || LibraryDigest.sha512.isAvailable }
  }

  private enum Start {
    case sha256(inner: SHA256, outer: SHA256)
    /// The first blocks of both hashes.
    case sha512(inner: [UInt8], outer: [UInt8])
  }

  /// Names the key in what is written, so that keys can be changed and old digests still told apart.
  package let id: String
  private let start: Start

  package init(id: String, key: [UInt8], function: Function = .sha256) {
    self.id = id
    switch function {
    case .sha256:
      let block = Self.block(of: key.count > 64 ? Self.sha256(key) : key, bytes: 64)
      start = .sha256(inner: Self.sha256(from: block, 0x36), outer: Self.sha256(from: block, 0x5C))
    case .sha512:
      let short =
        key.count > 128 ? key.withUnsafeBytes { LibraryDigest.sha512.withDigest(of: $0) { [UInt8]($0) } } : key
      let block = Self.block(of: short, bytes: 128)
      start = .sha512(inner: block.map { $0 ^ 0x36 }, outer: block.map { $0 ^ 0x5C })
    }
  }

  private static func block(of key: [UInt8], bytes: Int) -> [UInt8] {
    key + [UInt8](repeating: 0, count: max(bytes - key.count, 0))
  }

  private static func sha256(_ key: [UInt8]) -> [UInt8] {
    let digest = key.withUnsafeBytes { SHA256.digest(of: $0) }
    return (0..<32).map { UInt8(truncatingIfNeeded: digest[$0 / 4] >> UInt32(24 - $0 % 4 * 8)) }
  }

  private static func sha256(from block: [UInt8], _ pad: UInt8) -> SHA256 {
    var hasher = SHA256()
    block.map { $0 ^ pad }.withUnsafeBytes { hasher.update($0) }
    return hasher
  }

  /// Appends the authentication code of some bytes as lower-case hexadecimal digits, 64 or with SHA-512 128.
  func appendHex(of bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    switch start {
    case .sha256(var inner, var outer):
      inner.update(bytes)
      let digest = inner.finish()
      withUnsafeTemporaryAllocation(byteCount: 32, alignment: 4) { words in
        for index in 0..<8 { words.storeBytes(of: digest[index].bigEndian, toByteOffset: index &* 4, as: UInt32.self) }
        outer.update(UnsafeRawBufferPointer(words))
      }
      writer.appendHex(words: outer.finish())
    case .sha512(let inner, let outer):
      LibraryDigest.sha512.withDigest(of: bytes, behind: inner) {
        LibraryDigest.sha512.appendHex(of: $0, behind: outer, to: &writer)
      }
    }
  }
}
