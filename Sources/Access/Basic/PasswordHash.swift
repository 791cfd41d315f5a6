import CCrypt
import CDigest

/// What is kept of a password, in the forms that htpasswd files have.
package struct PasswordHash: Sendable, Equatable {
  /// How the password is told by it.
  private enum Kind: Sendable, Equatable {
    /// The password itself.
    case plain([UInt8])
    /// `{SHA}` and `{SSHA}`: the SHA-1 of the password and the salt, which `{SHA}` has none of.
    case sha1(digest: [UInt8], salt: [UInt8])
    /// `$apr1$`
    case apache(APRHash)
    /// `$1$`, `$2a$`, `$2b$`, `$2y$`, `$5$` and `$6$`, by the system's libcrypt.
    case crypt(String)
  }

  private let kind: Kind
  /// How long it takes about, to be compared with that of others.
  let cost: Int

  /// The most that a bcrypt hash may cost: 2^15 rounds, which take seconds.
  static let maxBcryptCost = 15
  /// The most rounds that a SHA-crypt hash may take.
  static let maxCryptRounds = 1_000_000

  /// Reads the part of a line behind the user's name; throws why it is none.
  init(_ text: String) throws(HtpasswdProblem) {
    let bytes = Array(text.utf8)
    if bytes.isEmpty { throw HtpasswdProblem("has no password") }
    if text.hasPrefix("{") {
      (kind, cost) = (try Self.sha1(text), 2)
    } else if text.hasPrefix("$apr1$") {
      (kind, cost) = (.apache(try APRHash(text)), 1000)
    } else if text.hasPrefix("$") {
      (kind, cost) = (.crypt(text), try Self.cost(ofCrypt: text))
    } else {
      (kind, cost) = (.plain(bytes), 1)
    }
  }

  /// Whether the password is the one; nil if that cannot be told now. May take seconds.
  func matches(_ password: [UInt8]) -> Bool? {
    switch kind {
    case .plain(let known): return areSame(known, password)
    case .sha1(let known, let salt): return Digest.sha1(password, salt).map { areSame(known, $0) }
    case .apache(let known): return known.matches(password)
    case .crypt(let known):
      // The NUL ends it; a password cannot hold one.
      let password = password.map { CChar(bitPattern: $0) } + [0]
      var hash = [CChar](repeating: 0, count: Int(PASSWORD_HASH_BYTES))
      guard password_hash(password, known, &hash) else { return nil }
      return areSame(known.utf8, hash.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    }
  }

  private static func sha1(_ text: String) throws(HtpasswdProblem) -> Kind {
    let isSalted = text.hasPrefix("{SSHA}")
    guard isSalted || text.hasPrefix("{SHA}") else { throw HtpasswdProblem("has a hash of an unknown kind") }
    let digestBytes = 20
    guard let bytes = Base64.decode(text.utf8.dropFirst(isSalted ? 6 : 5)),
      isSalted ? bytes.count > digestBytes : bytes.count == digestBytes
    else { throw HtpasswdProblem("has a hash that is malformed") }
    return .sha1(digest: Array(bytes.prefix(digestBytes)), salt: Array(bytes.dropFirst(digestBytes)))
  }

  /// How long a hash of libcrypt takes; throws if it is malformed, of an unknown kind or costs too much.
  private static func cost(ofCrypt text: String) throws(HtpasswdProblem) -> Int {
    let parts = text.split(separator: "$", omittingEmptySubsequences: true)
    guard parts.count > 2 else { throw HtpasswdProblem("has a hash that is malformed") }
    let cost: Int
    switch parts[0] {
    case "2a", "2b", "2y":
      guard parts.count == 3, parts[2].utf8.count == 53, let exponent = Int(parts[1]), (4...31).contains(exponent)
      else { throw HtpasswdProblem("has a hash that is malformed") }
      guard exponent <= maxBcryptCost else {
        throw HtpasswdProblem("has a bcrypt cost of \(exponent): the limit is \(maxBcryptCost)")
      }
      // A round of bcrypt takes about as long as a hundred of SHA-crypt.
      cost = 100 &<< exponent
    case "5", "6":
      let given = parts[1].hasPrefix("rounds=") ? Int(parts[1].dropFirst(7)) : 5000
      guard let given, given > 0 else { throw HtpasswdProblem("has a hash that is malformed") }
      guard given <= maxCryptRounds else {
        throw HtpasswdProblem("has \(given) rounds: the limit is \(maxCryptRounds)")
      }
      cost = given
    case "1": cost = 1000
    default: throw HtpasswdProblem("has a hash of an unknown kind")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw HtpasswdProblem("has a hash that is malformed")
    }
    return cost
  }
}

/// Digests of libcrypto.
enum Digest {
  static func md5(_ parts: [UInt8]) -> [UInt8]? { of(DIGEST_MD5, parts, [], byteCount: 16) }
  static func sha1(_ head: [UInt8], _ rest: [UInt8]) -> [UInt8]? { of(DIGEST_SHA1, head, rest, byteCount: 20) }

  /// Nil if the system's libcrypto does not offer the function.
  private static func of(
    _ function: digest_function, _ head: [UInt8], _ rest: [UInt8], byteCount: Int
  ) -> [UInt8]? {
    var digest = [UInt8](repeating: 0, count: Int(DIGEST_MAX_BYTES))
    guard digest_of(function, head, head.count, rest, rest.count, &digest) else { return nil }
    return Array(digest.prefix(byteCount))
  }
}
