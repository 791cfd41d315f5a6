package import Files
package import NIOCore
package import Options

/// What `bearertokenauth` presents to destinations: a scheme and a token in a header field.
package struct BearerTokenClientOptions: CredentialOptions {
  /// Empty for a bare token.
  let scheme: String
  let header: String
  private let tokens: WatchedFiles<BearerTokens>
  private let option: String

  /// Presents the first of tokens, whose files `option` names.
  package init(scheme: String, header: String, firstOf tokens: WatchedFiles<BearerTokens>, option: String) {
    self.scheme = scheme
    self.header = header
    self.tokens = tokens
    self.option = option
  }

  package var areSecret: Bool { true }
  package var additional: ComponentReference? { nil }

  package func makeCredentials(
    after additional: (any RequestCredentials)?, group: any EventLoopGroup
  ) -> any RequestCredentials {
    let files = tokens.paths.isEmpty ? [] : [UsedFiles(option: option, tokens)]
    return FieldCredentials(header, watching: files) { [scheme, tokens] in
      let text = tokens.value.first.reveal()
      return scheme.isEmpty ? text : "\(scheme) \(text)"
    }
  }
}
