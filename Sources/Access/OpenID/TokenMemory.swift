/// What was found out of a token.
struct TokenFinding: Sendable {
  let outcome: Result<Identity, TokenFault>
  /// When a right token ends, in seconds since 1970.
  private let end: Int
  /// The provider by whose keys it was found out; nil if no key has to do with it.
  let provider: Int?
  let keys: KeySet?
  /// The key that it is signed with.
  private let key: JSONWebKey?
  /// Whether it may be remembered: it does not change with time alone.
  let isKept: Bool

  /// A token is right until it ends.
  init(_ identity: Identity, until end: Int, provider: Int, _ keys: KeySet, _ key: JSONWebKey) {
    self.init(.success(identity), until: end, provider: provider, keys, key, isKept: true)
  }

  /// A token is wrong as long as the provider's keys are those.
  init(_ fault: TokenFault, provider: Int, _ keys: KeySet) {
    self.init(.failure(fault), until: .max, provider: provider, keys, nil, isKept: true)
  }

  /// A token is wrong whatever the keys are, for good if `isKept`.
  init(_ fault: TokenFault, isKept: Bool = true) {
    self.init(
      .failure(fault), until: .max, provider: nil, nil, nil, isKept: isKept && fault != .notYetValid)
  }

  private init(
    _ outcome: Result<Identity, TokenFault>, until end: Int, provider: Int?, _ keys: KeySet?, _ key: JSONWebKey?,
    isKept: Bool
  ) {
    self.outcome = outcome
    self.end = end
    self.provider = provider
    self.keys = keys
    self.key = key
    self.isKept = isKept
  }

  /// The same with the keys that count now; nil if the token has ended, or has to be looked at again because of them.
  func still(at now: Int, with current: KeySet?) -> TokenFinding? {
    guard now < end else { return nil }
    guard let provider, let keys else { return self }
    guard let current else { return nil }
    if keys === current { return self }
    guard let key, current.has(key) else { return nil }
    return TokenFinding(outcome, until: end, provider: provider, current, key, isKept: isKept)
  }
}

/// What was found out of tokens lately. Wrong ones have a room of their own, so that they drive out no right one.
struct TokenMemory: Sendable {
  private var right: BoundedMemory<KeyedHash.Value, TokenFinding>
  private var wrong: BoundedMemory<KeyedHash.Value, TokenFinding>

  init(maxRight: Int, maxWrong: Int) {
    right = BoundedMemory(maxCount: maxRight)
    wrong = BoundedMemory(maxCount: maxWrong)
  }

  mutating func finding(of key: KeyedHash.Value) -> TokenFinding? { right.value(of: key) ?? wrong.value(of: key) }

  mutating func add(_ finding: TokenFinding, of key: KeyedHash.Value) {
    right.remove(key)
    wrong.remove(key)
    if case .success = finding.outcome { right.add(finding, of: key) } else { wrong.add(finding, of: key) }
  }
}
