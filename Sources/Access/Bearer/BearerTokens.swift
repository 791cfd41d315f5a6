package import Options

/// Tokens, and who is known by each. A token is looked up by a keyed hash of it, so that the time it takes tells
/// nothing of how much of it is right.
package struct BearerTokens: Sendable {
  /// A token that is given, and whose it is.
  package struct Entry: Sendable {
    package var token: Secret
    package var identity: Identity

    package init(token: Secret, identity: Identity) {
      self.token = token
      self.identity = identity
    }
  }

  /// The longest token.
  package static let maxTokenBytes = 4096

  /// The first of them, which is presented to destinations.
  package private(set) var first: Secret
  private let keyed: KeyedHash
  private var identities: [KeyedHash.Value: Identity] = [:]
  /// How many were given; one that was added again counts again.
  private var count = 0

  /// None yet.
  init(_ keyed: KeyedHash) {
    first = Secret("")
    self.keyed = keyed
  }

  /// Throws if there is no token, if there are more than may be, or if one cannot be presented or is two senders'.
  init(_ entries: [Entry], maxCount: Int, _ keyed: KeyedHash = KeyedHash()) throws(BearerTokenProblem) {
    guard let first = entries.first else { throw BearerTokenProblem("there is no token") }
    self.first = first.token
    self.keyed = keyed
    try Self.check(entries.count, maxCount)
    for (position, entry) in entries.enumerated() {
      let token = entry.token.reveal()
      if let reason = Self.problem(of: token) { throw BearerTokenProblem("token \(position + 1) \(reason)") }
      guard let key = keyed.value(of: token) else { throw BearerTokenProblem("libcrypto offers no SHA3-256") }
      if let other = identities.updateValue(entry.identity, forKey: key), other != entry.identity {
        throw BearerTokenProblem("token \(position + 1) is another sender's too")
      }
    }
    count = identities.count
  }

  private static func check(_ count: Int, _ maxCount: Int) throws(BearerTokenProblem) {
    guard count <= maxCount else {
      throw BearerTokenProblem("there are \(count) tokens: the limit is \(maxCount) (max_tokens)")
    }
  }

  /// Throws if others, hashed by the same key, cannot be added: if there were more than may be then, or if one of them
  /// is known as another sender's.
  func check(_ others: BearerTokens, maxCount: Int) throws(BearerTokenProblem) {
    try Self.check(count + others.count, maxCount)
    for (key, identity) in others.identities {
      if let known = identities[key], known != identity { throw BearerTokenProblem("a token is another sender's too") }
    }
  }

  /// Adds others that were checked.
  mutating func add(_ others: BearerTokens) {
    if identities.isEmpty { first = others.first }
    count += others.count
    for (key, identity) in others.identities { identities[key] = identity }
  }

  /// Whose token it is.
  func identity(of token: String) -> Identity? { keyed.value(of: token).flatMap { identities[$0] } }

  /// What keeps a token from being presented in a header field.
  package static func problem(of token: String) -> String? {
    if token.isEmpty { return "is empty" }
    let count = token.utf8.count
    if count > maxTokenBytes { return "has \(count) bytes: the limit is \(maxTokenBytes)" }
    return token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? nil : "has white space, or what is not ASCII"
  }

  /// The tokens that a file holds, one on each line; blank ones and those that begin with `#` are passed over.
  package static func tokens(in bytes: [UInt8]) -> [Secret] {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { String($0).trimmingSpaces }.filter { !$0.isEmpty && !$0.hasPrefix("#") }.map { Secret($0) }
  }
}

/// Why tokens cannot be used, without quoting them.
package struct BearerTokenProblem: Error, Sendable, Equatable {
  package let reason: String

  init(_ reason: String) { self.reason = reason }
}
