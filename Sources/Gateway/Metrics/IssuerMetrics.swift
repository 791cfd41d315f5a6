import Access

extension GatewayMetrics {
  /// How the keys of issuers are obtained, and why tokens are not taken.
  mutating func issuers(_ authenticators: [(id: String, authenticator: OpenIDAuthenticator)]) {
    let rows = authenticators.flatMap { id, authenticator in
      authenticator.fetches.map { ([Label("extension", id), Label("issuer", $0.issuer)], $0) }
    }
    families.begin("sluice_oidc_key_fetches", .counter, "Times that an issuer was asked for its keys, by outcome.")
    for (labels, fetches) in rows {
      families.sample(labels + [Label("outcome", "success")], fetches.succeeded)
      families.sample(labels + [Label("outcome", "failure")], fetches.failed)
    }
    family(rows, "sluice_oidc_keys", kind: .gauge, "Keys of an issuer that signatures are checked with.") { $0.keys }
    family(
      rows, "sluice_oidc_failing_since_seconds", kind: .gauge,
      "Unix time since which an issuer's keys cannot be had; 0 if all is well."
    ) { $0.failing?.since ?? 0 }
    families.begin("sluice_oidc_denied_tokens", .counter, "Tokens that were not taken, by reason.")
    for (id, authenticator) in authenticators {
      for fault in TokenFault.allCases {
        families.sample([Label("extension", id), Label("reason", fault.rawValue)], authenticator.count(of: fault))
      }
    }
  }
}
