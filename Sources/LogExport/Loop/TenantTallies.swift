/// The number of an attempt among all, and among those with bodies of its tenant.
struct AttemptNumber: Equatable {
  var ofAll: Int
  /// The tenant's header fields; nil where bodies are not of one tenant.
  var tenant: [UInt8]?
  var ofTenant = 0
}

/// How attempts with the bodies of each tenant went, so that one tenant's are not taken to be at fault for what a
/// destination refuses to that tenant as a whole.
///
/// Tenants share a bounded number of places; two that share one count as one.
struct TenantTallies {
  private static let places = 256
  /// Nothing until there is a tenant.
  private var tallies: [Suspicion.Tally] = []

  init() {}

  /// The tally of a tenant, by its header fields.
  subscript(fields: [UInt8]) -> Suspicion.Tally {
    get { tallies.isEmpty ? Suspicion.Tally() : tallies[Self.place(of: fields)] }
    set {
      if tallies.isEmpty { tallies = [Suspicion.Tally](repeating: Suspicion.Tally(), count: Self.places) }
      tallies[Self.place(of: fields)] = newValue
    }
  }

  /// The place of a tenant.
  static func place(of fields: [UInt8]) -> Int { Int(fields.hashValue.magnitude % UInt(places)) }
}
