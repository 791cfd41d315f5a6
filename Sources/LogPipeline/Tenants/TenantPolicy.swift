/// What a configuration says of tenants: how they are known, and what each may have.
package struct TenantPolicy: Sendable, Equatable {
  /// Where names come from; the first that a request, or a resource of it, has counts.
  package var sources: [TenantSource] = [.claim("tenant")]
  /// Whose records are that nothing names a tenant for; empty for no tenant.
  package var defaultName: [UInt8] = []
  /// Whether records of no tenant are refused.
  package var isRequired = false
  /// What each tenant may have that `quotas` does not name.
  package var quota = TenantQuota()
  package var quotas: [[UInt8]: TenantQuota] = [:]
  /// How much a tenant's shares count for where there is too little for all; 1 for those that are not named.
  package var weights: [[UInt8]: Int] = [:]
  package var whenIdle = TenantWhenIdle.admit
  /// Tenants that are told apart at once.
  package var maxTenants = 1000
  /// Tenants that the resources of one request may name.
  package var maxTenantsOfRequest = 100

  package init() {}

  /// What a tenant may have.
  package func limits(of name: [UInt8]) -> TenantLimits {
    TenantLimits(
      quota: quotas.isEmpty ? quota : quotas[name] ?? quota, weight: weights.isEmpty ? 1 : weights[name] ?? 1, whenIdle)
  }

  /// The header fields, and what authentication knows, that tell tenants apart.
  package var contextFields: [[UInt8]] {
    sources.compactMap { source in
      switch source {
      case .claim(let name): RequestContext.claimName(name)
      case .field(let name): RequestContext.fieldName(name)
      case .attribute: nil
      }
    }
  }

  /// Whether it says something of a tenant by name.
  func names(_ name: [UInt8]) -> Bool { quotas[name] != nil || weights[name] != nil }

  /// Whether not anybody can have named a tenant for a request with this head, or it makes no difference who did:
  /// credentials have, or the configuration does.
  func vouches(for name: [UInt8], by head: HeadTenant?) -> Bool {
    if name == defaultName || names(name) { return true }
    guard let head, head.name == name, sources.indices.contains(head.rank) else { return false }
    if case .claim = sources[head.rank] { return true }
    return false
  }

  /// Whose all of a request is, if its head says that whatever its resources say; nil if it does not.
  func decided(by head: HeadTenant?) -> [UInt8]? {
    for source in sources.prefix(head?.rank ?? .max) {
      if case .attribute = source { return nil }
    }
    return head?.name ?? defaultName
  }
}

extension TenantPolicy {
  /// Whose a request is of which only the head is asked; throws if it has to be somebody's.
  func tenant(ofWhole head: HeadTenant?) throws(TenantRefusal) -> [UInt8] {
    let name = head?.name ?? defaultName
    if name.isEmpty, isRequired { throw .missing }
    return name
  }

  /// The tenant that a head names; `values` gives what it has of a source that is no attribute.
  package func tenant(by values: (TenantSource) -> [String]) throws(TenantRefusal) -> HeadTenant? {
    var found: HeadTenant?
    var isProven = false
    for (rank, source) in sources.enumerated() {
      guard let given = try name(from: source, values) else { continue }
      if let found {
        if isProven, case .field = source, found.name != given { throw .contradiction }
        continue
      }
      found = HeadTenant(name: given, rank: rank)
      if case .claim = source { isProven = true }
    }
    return found
  }

  private func name(
    from source: TenantSource, _ values: (TenantSource) -> [String]
  ) throws(TenantRefusal) -> [UInt8]? {
    if case .attribute = source { return nil }
    let given = values(source)
    guard let first = given.first, !first.isEmpty else { return nil }
    if case .field = source, given.contains(where: { $0 != first }) { throw .ambiguous.of(source) }
    let name = Array(first.utf8)
    if let problem = TenantName.problem(of: name) { throw TenantRefusal(.invalid, problem).of(source) }
    return name
  }
}
