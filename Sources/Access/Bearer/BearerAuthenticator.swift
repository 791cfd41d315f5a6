package import Files
package import HTTPTransport

/// The scheme Bearer (RFC 6750), or any other by which a header field holds a token: a token that is known says who
/// sends.
package struct BearerAuthenticator: Authenticator {
  private let id: String
  private let form: BearerForm
  private let tokens: BearerTokenTable

  package init(id: String, _ form: BearerForm, _ tokens: BearerTokenTable) {
    self.id = id
    self.form = form
    self.tokens = tokens
  }

  /// A field or a scheme of one's own is nothing that a sender can be challenged for.
  package var challenge: String? { form.isAuthorization && !form.scheme.isEmpty ? form.scheme : nil }
  package var files: [UsedFiles] { tokens.files }

  package func judge(_ head: HTTPRequestHead) -> Authentication {
    let credentials = HeaderCredentials(
      head, name: form.header, scheme: form.scheme, maxBytes: BearerTokens.maxTokenBytes)
    switch credentials {
    case .absent: return .decided(.absent)
    case .unusable: return .decided(.denied)
    case .text(let token):
      guard var identity = tokens.value.identity(of: token) else { return .decided(.denied) }
      identity.authenticator = id
      return .decided(.identified(identity))
    }
  }
}

/// Where a head holds a token.
package struct BearerForm: Sendable, Equatable {
  /// Stands before the token; empty if the token stands alone.
  package var scheme: String
  /// The name of the field.
  package var header: String

  package init(scheme: String = "Bearer", header: String = "Authorization") {
    self.scheme = scheme
    self.header = header
  }

  var isAuthorization: Bool { header.lowercased() == "authorization" }
}
