import Access

extension GatewayMetrics {
  /// How extensions obtain what exporters present, and until when it is good.
  mutating func credentials(_ assembly: Assembly) {
    let rows = assembly.credentials.all.compactMap { id, credentials in
      credentials.fetches.map { ([Label("extension", id)], $0) }
    }
    families.begin("sluice_credential_fetches", .counter, "Times that an extension asked for a token, by outcome.")
    for (labels, fetches) in rows {
      families.sample(labels + [Label("outcome", "success")], fetches.succeeded)
      families.sample(labels + [Label("outcome", "failure")], fetches.failed)
    }
    families.begin(
      "sluice_credential_expiry_seconds", .gauge, "Unix time at which the token ends that an extension has.")
    for (labels, fetches) in rows { if let expiry = fetches.expiry { families.sample(labels, expiry) } }
  }
}
