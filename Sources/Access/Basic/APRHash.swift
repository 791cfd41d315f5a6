/// `$apr1$`: the MD5 password hash of the Apache HTTP Server, which is that of FreeBSD with a prefix of its own.
struct APRHash: Sendable, Equatable {
  private let salt: [UInt8]
  /// What stands behind the salt.
  private let hash: [UInt8]

  private static let prefix = Array("$apr1$".utf8)
  private static let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
  private static let rounds = 1000

  /// Reads `$apr1$salt$hash`.
  init(_ text: String) throws(HtpasswdProblem) {
    let parts = text.utf8.dropFirst(Self.prefix.count)
      .split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...8).contains(parts[0].count), parts[1].count == 22,
      parts[1].allSatisfy(Self.alphabet.contains)
    else { throw HtpasswdProblem("has a hash that is malformed") }
    (salt, hash) = (Array(parts[0]), Array(parts[1]))
  }

  /// Whether the password is the one; nil if the system's libcrypto offers no MD5.
  func matches(_ password: [UInt8]) -> Bool? {
    digest(of: password).map { areSame(hash, Self.text(of: $0)) }
  }

  private func digest(of password: [UInt8]) -> [UInt8]? {
    guard let inner = Digest.md5(password + salt + password) else { return nil }
    var bytes = password + Self.prefix + salt
    bytes += (0..<password.count).map { inner[$0 % inner.count] }
    var bits = password.count
    while bits > 0 {
      bytes.append(bits & 1 == 1 ? 0 : password[0])
      bits >>= 1
    }
    guard var digest = Digest.md5(bytes) else { return nil }
    for round in 0..<Self.rounds {
      let isOdd = round & 1 == 1
      bytes = isOdd ? password : digest
      if round % 3 != 0 { bytes += salt }
      if round % 7 != 0 { bytes += password }
      bytes += isOdd ? digest : password
      guard let next = Digest.md5(bytes) else { return nil }
      digest = next
    }
    return digest
  }

  /// The digest in an alphabet and an order of its own, six bits a character.
  private static func text(of digest: [UInt8]) -> [UInt8] {
    let groups = [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)]
    var text: [UInt8] = []
    for (high, middle, low) in groups {
      var value = UInt32(digest[high]) << 16 | UInt32(digest[middle]) << 8 | UInt32(digest[low])
      for _ in 0..<4 {
        text.append(alphabet[Int(value & 63)])
        value >>= 6
      }
    }
    return text + [alphabet[Int(digest[11] & 63)], alphabet[Int(digest[11] >> 6)]]
  }
}
