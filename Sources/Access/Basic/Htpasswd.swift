/// What an htpasswd file says: users and what is kept of their passwords.
package final class Htpasswd: Sendable {
  /// What is kept of users' passwords.
  package typealias Hashes = [String: PasswordHash]

  private let hashes: Hashes
  /// Of all hashes the one that takes longest: the password of an unknown user is checked against it, so that it takes
  /// as long as a wrong one.
  let costliest: PasswordHash

  /// Makes one of what stands in the configuration and in files; what the configuration says of a user counts.
  package init(inline: Hashes, files: [[UInt8]], _ limits: BasicAuthLimits) throws(HtpasswdProblem) {
    var hashes: Hashes = [:]
    for bytes in files {
      hashes = try Self.hashes(of: String(decoding: bytes, as: UTF8.self), limits, keeping: hashes)
    }
    hashes.merge(inline) { $1 }
    try Self.check(count: hashes.count, limits)
    guard let costliest = hashes.values.max(by: { $0.cost < $1.cost }) else {
      throw HtpasswdProblem("it names no user")
    }
    self.hashes = hashes
    self.costliest = costliest
  }

  /// What is kept of a user's password; nil if there is no such user, byte by byte: to Swift one accented letter equals
  /// a letter with an accent, by which a sender would have several names.
  func hash(of user: String) -> PasswordHash? {
    guard let index = hashes.index(forKey: user), hashes[index].key.utf8.elementsEqual(user.utf8) else { return nil }
    return hashes[index].value
  }

  /// Reads lines of `user:hash`; blank ones and those that begin with `#` are passed over, and the last of a user
  /// counts.
  package static func hashes(
    of text: String, _ limits: BasicAuthLimits, keeping known: Hashes = [:]
  ) throws(HtpasswdProblem) -> Hashes {
    var hashes = known
    // Editors of Windows put a mark of the encoding in front, which is none of the first user's name.
    let text = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = line.drop { $0 == " " || $0 == "\t" }
      if line.isEmpty || line.hasPrefix("#") { continue }
      do throws(HtpasswdProblem) {
        let (user, hash) = try entry(line, limits)
        hashes[user] = hash
      } catch {
        throw HtpasswdProblem("line \(index + 1) \(error.reason)")
      }
      try check(count: hashes.count, limits)
    }
    return hashes
  }

  private static func check(count: Int, _ limits: BasicAuthLimits) throws(HtpasswdProblem) {
    guard count <= limits.maxUsers else {
      throw HtpasswdProblem("at least \(count) users are named: the limit is \(limits.maxUsers) (limits.max_users)")
    }
  }

  private static func entry(
    _ line: Substring, _ limits: BasicAuthLimits
  ) throws(HtpasswdProblem) -> (user: String, hash: PasswordHash) {
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw HtpasswdProblem("has no \":\"") }
    // Nobody can present them, and a file in UTF-16 is full of them.
    if line.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
      throw HtpasswdProblem("has control characters")
    }
    let user = line[..<colon]
    if user.isEmpty { throw HtpasswdProblem("has no user") }
    let count = user.utf8.count
    guard count <= limits.maxUserBytes else {
      throw HtpasswdProblem(
        "has a user of \(count) bytes: the limit is \(limits.maxUserBytes) (limits.max_username)")
    }
    var hash = line[line.utf8.index(after: colon)...]
    while hash.last == " " || hash.last == "\t" { hash.removeLast() }
    return (String(user), try PasswordHash(String(hash)))
  }
}

/// Why text is no htpasswd file, without quoting it.
package struct HtpasswdProblem: Error, Sendable, Equatable {
  package let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// Limits of the extension `basicauth`.
package struct BasicAuthLimits: Sendable, Equatable {
  package var maxFileBytes = 1 << 20
  package var maxUsers = 10_000
  package var maxUserBytes = 255
  package var maxPasswordBytes = 255
  /// Credentials that were found right and are remembered.
  package var maxRight = 10_000
  /// Credentials that were found wrong and are remembered.
  package var maxWrong = 10_000
  /// Credentials that wait to be checked.
  package var maxWaiting = 128
  /// Those of them that one address has sent.
  package var maxWaitingOfAddress = 16
  /// Threads that check.
  package var threads = 1

  package init() {}
}
