import CDigest

/// A hash with a key that is made anew in each process, so that what is kept of secrets says nothing of them, and
/// nobody outside can tell which of them have something in common.
struct KeyedHash: Sendable {
  /// A hash of 256 bits.
  struct Value: Sendable, Hashable {
    fileprivate var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    static func == (one: Value, other: Value) -> Bool { one.words == other.words }
    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
  }

  private static let keyBytes = 32
  private let key: [UInt8]

  init() {
    var random = SystemRandomNumberGenerator()
    key = (0..<Self.keyBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// Nil if the system's libcrypto does not offer SHA3-256: a hash whose key may stand before what is hashed.
  func value(of text: String) -> Value? {
    var text = text
    return text.withUTF8 { bytes in
      var digest = [UInt8](repeating: 0, count: Int(DIGEST_MAX_BYTES))
      guard digest_of(DIGEST_SHA3_256, key, key.count, bytes.baseAddress, bytes.count, &digest) else { return nil }
      var value = Value()
      withUnsafeMutableBytes(of: &value.words) { $0.copyBytes(from: digest.prefix($0.count)) }
      return value
    }
  }

  /// Whether the system offers what it is made of.
  static var isAvailable: Bool { digest_is_available(DIGEST_SHA3_256) }
}

/// Whether two secrets are the same, in a time that does not depend on how much of them is.
func areSame(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
  guard one.count == other.count else { return false }
  return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
