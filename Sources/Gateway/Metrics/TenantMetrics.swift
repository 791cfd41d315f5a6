import LogPipeline

extension GatewayMetrics {
  /// What is told of tenants; none is named.
  mutating func tenants(_ assembly: Assembly) {
    text.family("sluice_tenants_refused_requests", .counter, "Requests refused because of their tenants, by reason.")
    for (id, tenants) in assembly.tenants {
      for reason in TenantRefusal.Reason.allCases {
        text.sample([Label("extension", id), Label("reason", reason.rawValue)], tenants.refused(reason))
      }
    }
    text.family("sluice_tenants", .gauge, "Tenants that are told apart now.")
    for (id, tenants) in assembly.tenants { text.sample([Label("extension", id)], tenants.count) }
  }
}
