import CDigest

/// A hash function of the system's libcrypto.
struct LibraryDigest {
  static let md5 = LibraryDigest(function: DIGEST_MD5, byteCount: 16)
  static let sha1 = LibraryDigest(function: DIGEST_SHA1, byteCount: 20)
  static let sha3 = LibraryDigest(function: DIGEST_SHA3_256, byteCount: 32)
  static let sha512 = LibraryDigest(function: DIGEST_SHA512, byteCount: 64)

  private let function: digest_function
  let byteCount: Int

  private init(function: digest_function, byteCount: Int) {
    self.function = function
    self.byteCount = byteCount
  }

  var isAvailable: Bool { digest_is_available(function) }

  /// Gives the digest of a head and some bytes behind it: zeros if it cannot be made, so that what was to be hidden is.
  func withDigest<Result>(
    of bytes: UnsafeRawBufferPointer, behind head: [UInt8] = [], _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(byteCount: Int(DIGEST_MAX_BYTES), alignment: 8) { digest in
      let isMade = head.withUnsafeBytes {
        digest_of(
          function, $0.baseAddress, $0.count, bytes.baseAddress, bytes.count,
          digest.baseAddress?.assumingMemoryBound(to: UInt8.self))
      }
      if !isMade { digest.initializeMemory(as: UInt8.self, repeating: 0) }
      return body(UnsafeRawBufferPointer(rebasing: digest[..<byteCount]))
    }
  }

  /// Appends the digest as lower-case hexadecimal digits, two for each byte.
  func appendHex(of bytes: UnsafeRawBufferPointer, behind head: [UInt8] = [], to writer: inout ByteWriter) {
    withDigest(of: bytes, behind: head) { writer.appendHex($0) }
  }
}
