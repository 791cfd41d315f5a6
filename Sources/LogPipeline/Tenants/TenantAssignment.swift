/// Says of each resource of a batch whose it is.
struct TenantAssignment {
  /// The attributes that are asked before the head, as UTF-8.
  private let keys: [[UInt8]]
  /// Whose a resource is that has none of them.
  private let otherwise: [UInt8]
  private let isRequired: Bool
  private let maxTenants: Int
  /// What is wrong with the first resource that cannot be taken.
  private var problem: TenantRefusal?
  /// For each resource whether it can be taken.
  private var isFit: [Bool] = []

  init(_ policy: TenantPolicy, _ head: HeadTenant?) {
    keys = policy.sources.prefix(head?.rank ?? .max).compactMap { source in
      if case .attribute(let name) = source { Array(name.utf8) } else { nil }
    }
    otherwise = head?.name ?? policy.defaultName
    isRequired = policy.isRequired
    maxTenants = policy.maxTenantsOfRequest
  }

  /// Gives each resource its tenant. Records of a resource whose tenant is missing or no name are rejected; if those
  /// are all, the request is refused.
  mutating func run(_ batch: inout LogBatch, of request: inout RequestContext) throws(TenantRefusal) {
    guard let common = otherwise.isEmpty ? .empty : batch.store(otherwise) else { throw .invalid }
    isFit = [Bool](repeating: true, count: batch.resources.count)
    for index in batch.resources.indices {
      do throws(TenantRefusal) {
        let own = try ownTenant(index, in: &batch) ?? common
        if own.isEmpty, isRequired { throw .missing }
        batch.resources[index].tenant = own
      } catch {
        isFit[index] = false
        problem = problem ?? error
      }
    }
    if let problem { try reject(because: problem, in: &batch, of: &request) }
    try checkCount(in: batch)
  }

  /// Refuses a request of very many tenants: a destination may get a request for each of them, behind which the records
  /// of all others wait.
  private func checkCount(in batch: borrowing LogBatch) throws(TenantRefusal) {
    if keys.isEmpty || batch.resources.count <= maxTenants { return }
    var names: Set<[UInt8]> = []
    for resource in batch.resources {
      names.insert(Array(batch.store[resource.tenant.range]))
      if names.count > maxTenants {
        throw TenantRefusal(
          .tooLarge,
          "the request is of at least \(names.count) tenants: the limit is \(maxTenants) (max_tenants_per_request)")
      }
    }
  }

  private func reject(
    because problem: TenantRefusal, in batch: inout LogBatch, of request: inout RequestContext
  ) throws(TenantRefusal) {
    let keep = batch.records.map { isFit[Int(batch.scopes[Int($0.scope)].resource)] }
    if !keep.contains(true) { throw problem }
    batch.rejectRecords(exceptWhere: keep, because: problem.message, of: &request)
  }

  /// What the first of the attributes that a resource has says; nil if it has none.
  private func ownTenant(_ resource: Int, in batch: inout LogBatch) throws(TenantRefusal) -> ByteSlice? {
    let attributes = AttributeEditor(batch.resources[resource].attributes)
    for key in keys {
      guard let found = key.withUnsafeBytes({ attributes.index(of: $0, in: batch) }) else { continue }
      let value = batch.attributes[found].value
      if value.kind == .empty { continue }
      let name = try name(in: value, &batch)
      if name.isEmpty { continue }
      if let problem = TenantName.problem(of: batch.store[name.range]) { throw TenantRefusal(.invalid, problem) }
      return name
    }
    return nil
  }

  /// Where the name lies that a value holds: text, or a number as text.
  private func name(in value: Value, _ batch: inout LogBatch) throws(TenantRefusal) -> ByteSlice {
    switch value.kind {
    case .string: return value.slice
    case .int: return batch.store("\(value.intValue)".utf8) ?? .empty
    default: throw TenantRefusal(.invalid, "the attribute that names a tenant is neither text nor a whole number")
    }
  }
}

extension LogBatch {
  /// Makes all records those of a tenant, for what the gateway itself has to tell.
  mutating func setTenant(_ name: [UInt8]) {
    guard let slice = store(name) else { return }
    for index in resources.indices { resources[index].tenant = slice }
  }
}
