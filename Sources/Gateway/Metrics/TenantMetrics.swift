import LogPipeline

extension GatewayMetrics {
  /// What is told of tenants; none is named.
  mutating func tenants(_ assembly: Assembly) {
    families.begin("sluice_tenants_refused_requests", .counter, "Requests refused because of their tenants, by reason.")
    for (id, tenants) in assembly.tenants {
      for reason in TenantRefusal.Reason.allCases {
        families.sample([Label("extension", id), Label("reason", reason.rawValue)], tenants.refused(reason))
      }
    }
    families.begin("sluice_tenants", .gauge, "Tenants that are told apart now.")
    for (id, tenants) in assembly.tenants { families.sample([Label("extension", id)], tenants.count) }
  }
}
