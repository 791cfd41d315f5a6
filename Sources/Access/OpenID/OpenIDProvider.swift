package import Files

/// An issuer whose tokens are taken: what they have to say, and its keys.
package struct OpenIDProvider: Sendable {
  /// Where its keys come from.
  package enum Keys: Sendable {
    /// A file (`public_keys_file`), and the option that names it.
    case file(WatchedFiles<KeySet>, option: String)
    case issuer(IssuerKeys)
  }

  let rules: TokenRules
  let keys: Keys

  package init(_ rules: TokenRules, _ keys: Keys) {
    self.rules = rules
    self.keys = keys
  }

  /// The keys that count now; nil if there were none so far.
  func currentKeys() -> KeySet? {
    switch keys {
    case .file(let file, _): file.value
    case .issuer(let issuer): issuer.current()
    }
  }

  /// The file that it uses.
  var file: UsedFiles? { if case .file(let file, let option) = keys { UsedFiles(option: option, file) } else { nil } }

  /// The issuer that it asks.
  var issuer: IssuerKeys? { if case .issuer(let issuer) = keys { issuer } else { nil } }
}

/// Limits of the extension `oidc`.
package struct OpenIDLimits: Sendable, Equatable {
  package var maxTokenBytes = 16 << 10
  /// Levels of claims in one another.
  package var maxDepth = 16
  /// Keys of one issuer.
  package var maxKeys = 100
  /// Tokens that were found right and are remembered.
  package var maxRight = 10_000
  /// Tokens that were found wrong and are remembered.
  package var maxWrong = 10_000
  /// Tokens that wait to be checked, or for keys.
  package var maxWaiting = 1024
  /// Those of them that one address has sent.
  package var maxWaitingOfAddress = 256
  /// Threads that check.
  package var threads = 1

  package init() {}
}
