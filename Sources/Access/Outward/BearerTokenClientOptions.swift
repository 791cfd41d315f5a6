package import NIOCore
package import Options

/// What `bearertokenauth` presents to destinations: a scheme and a token in a header field.
package struct BearerTokenClientOptions: CredentialOptions {
  /// Empty for a bare token.
  let scheme: String
  let header: String
  private let tokens: BearerTokenTable

  /// Presents the first of tokens.
  package init(scheme: String, header: String, firstOf tokens: BearerTokenTable) {
    self.scheme = scheme
    self.header = header
    self.tokens = tokens
  }

  package var areSecret: Bool { true }
  package var additional: ComponentReference? { nil }

  package func makeCredentials(
    after additional: (any RequestCredentials)?, group: any EventLoopGroup
  ) -> any RequestCredentials {
    FieldCredentials(header, watching: tokens.files) { [scheme, tokens] in
      let text = tokens.value.first.reveal()
      return scheme.isEmpty ? text : "\(scheme) \(text)"
    }
  }
}
