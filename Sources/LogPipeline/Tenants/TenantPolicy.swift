/// What a configuration says of tenants: how they are known, and what each may have.
package struct TenantPolicy: Sendable, Equatable {
  /// Where names come from; the first that a request, or a resource of it, has counts.
  package var sources: [TenantSource] = [.claim("tenant")]
  /// Whose records are that nothing names a tenant for; empty for no tenant.
  package var defaultName: [UInt8] = []
  /// Whether records of no tenant are refused.
  package var isRequired = false

  package init() {}
}

extension TenantPolicy {
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
    if case .field = source, given.contains(where: { $0 != first }) { throw .ambiguous }
    let name = Array(first.utf8)
    if let problem = TenantName.problem(of: name) { throw TenantRefusal(.invalid, problem) }
    return name
  }
}
