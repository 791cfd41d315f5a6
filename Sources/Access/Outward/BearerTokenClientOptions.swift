package import NIOCore
package import Options

/// What `bearertokenauth` presents to destinations: a scheme and a token in a header field.
package struct BearerTokenClientOptions: CredentialOptions {
  /// Empty for a bare token.
  let scheme: String
  let header: String
  let token: SecretText

  package init(scheme: String, header: String, token: SecretText) {
    self.scheme = scheme
    self.header = header
    self.token = token
  }

  package var areSecret: Bool { true }
  package var additional: ComponentReference? { nil }

  package func makeCredentials(
    after additional: (any RequestCredentials)?, group: any EventLoopGroup
  ) -> any RequestCredentials {
    FieldCredentials(header, watching: token.files) { [scheme, token] in
      let text = token.current.reveal()
      return scheme.isEmpty ? text : "\(scheme) \(text)"
    }
  }
}
