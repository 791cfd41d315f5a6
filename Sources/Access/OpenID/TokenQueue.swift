/// A token that is being found out, and who waits for that.
struct WaitingToken: Sendable {
  let text: String
  /// Who has sent it first.
  let address: String
  /// When it came, by a clock that never goes back.
  let arrival: Duration
  var waiters: [AuthenticationWaiter]
}

/// The tokens that are being found out: so many at most, and so many of an address.
struct TokenQueue: Sendable {
  /// What has come of adding a token.
  enum Place: Equatable {
    case first
    /// The same token is being found out already.
    case joined
    /// No more may wait.
    case full
  }

  private let maxCount: Int
  private let maxCountOfAddress: Int
  private var tokens: [KeyedHash.Value: WaitingToken] = [:]
  private var countOfAddress: [String: Int] = [:]

  init(maxCount: Int, maxCountOfAddress: Int) {
    self.maxCount = maxCount
    self.maxCountOfAddress = maxCountOfAddress
  }

  subscript(key: KeyedHash.Value) -> WaitingToken? { tokens[key] }

  mutating func add(_ token: WaitingToken, _ key: KeyedHash.Value) -> Place {
    if tokens[key] != nil {
      tokens[key]?.waiters += token.waiters
      return .joined
    }
    let count = countOfAddress[token.address] ?? 0
    guard tokens.count < maxCount, count < maxCountOfAddress else { return .full }
    countOfAddress[token.address] = count &+ 1
    tokens[key] = token
    return .first
  }

  /// Takes a token out; those who wait for it are to be told.
  mutating func remove(_ key: KeyedHash.Value) -> [AuthenticationWaiter] {
    guard let token = tokens.removeValue(forKey: key) else { return [] }
    let count = (countOfAddress[token.address] ?? 1) &- 1
    countOfAddress[token.address] = count > 0 ? count : nil
    return token.waiters
  }
}
