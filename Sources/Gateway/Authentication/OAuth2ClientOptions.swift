package import Access
import LogExport
package import NIOCore
package import Options

/// `extensions.oauth2client`: tokens that are asked for with the gateway's own credentials (RFC 6749 section 4.4).
package struct OAuth2ClientOptions: ExtensionOptions, CredentialOptions {
  package static let doc = "Presents tokens of OAuth 2.0 to destinations, obtained as a client of its own."

  let clientID: SecretText
  let clientSecret: SecretText
  let endpoint: TokenEndpointOptions
  let expiryBuffer: Duration

  package init(_ options: ConfigReader) {
    let nothing = SecretText.given(Secret(""))
    let id = options.secretText("client_id", "Who the gateway is to the token endpoint.") ?? nothing
    let secret = options.secretText("client_secret", "What proves it.") ?? nothing
    options.requireOne(of: "client_id", "client_id_file")
    options.requireOne(of: "client_secret", "client_secret_file")
    var endpoint = TokenEndpointOptions(clientID: { id.currentOnDisk }, clientSecret: { secret.currentOnDisk })
    let url = options.required("token_url", .url, "Where tokens are asked for.")
    endpoint.url = "\(url)"
    endpoint.scopes = options.list("scopes", of: .nonEmptyString, "What the token is to allow.")
    endpoint.parameters = options.map("endpoint_params", of: .secret, "Further parameters of the request.")
      .map { ($0.key, $0.value) }
    _ = options.read("grant_type", .clientCredentials, default: "client_credentials", "How tokens are asked for.")
    options.unsupported(
      "client_certificate_key", "client_certificate_key_file", "signature_algorithm", "iss", "audience", "claims",
      because: "only the grant client_credentials is")
    endpoint.tls = options.section("tls", "TLS towards the token endpoint.") { tls in
      _ = tls.read("insecure", .bool, default: false, "Of no effect: the scheme of token_url says if TLS is used.")
      return ClientTLSOptions(tls)
    }
    endpoint.proxies = options.proxies(given: nil)
    endpoint.timeout = options.read(
      "timeout", .duration(in: .milliseconds(1) ... .seconds(300)), default: endpoint.timeout,
      "Time for one token; the Collector has no limit.")
    endpoint.maxAnswerBytes = options.read(
      "max_answer_size", .byteSize(in: 1024...(1 << 20)), default: endpoint.maxAnswerBytes,
      "The largest answer that is read; not in the Collector.")
    expiryBuffer = options.read(
      "expiry_buffer", .duration(), default: .seconds(300),
      "The next token is asked for so long before one ends, but not before half of its time is over.")
    if !url.host.isEmpty, !url.isTLS, let address = try? LogExport.Endpoint(parsing: "\(url)"), !address.isLoopback {
      options.warning(at: "token_url", "the client's secret goes there in clear text: use https://")
    }
    clientID = id
    clientSecret = secret
    self.endpoint = endpoint
  }

  package var credentials: (any CredentialOptions)? { self }
  package var areSecret: Bool { true }
  package var additional: ComponentReference? { nil }

  package func makeCredentials(
    after additional: (any RequestCredentials)?, group: any EventLoopGroup
  ) throws -> any RequestCredentials {
    let endpoint = try TokenEndpoint(endpoint, group: group)
    return TokenCredentials(
      expiryBuffer: expiryBuffer, watching: clientID.files + clientSecret.files
    ) { () async throws(CredentialFailure) in
      try await endpoint.fetch()
    }
  }
}

extension OptionType where Value == String {
  /// The one grant that there is; the Collector's other one is refused by name.
  fileprivate static var clientCredentials: OptionType {
    var type = OptionType.oneOf(["client_credentials"])
    let parse = type.parse
    type.parse = { (text) throws(OptionMismatch) in
      if text.hasSuffix(":jwt-bearer") {
        throw OptionMismatch("client_credentials, the only grant that sluice supports")
      }
      return try parse(text)
    }
    return type
  }
}
