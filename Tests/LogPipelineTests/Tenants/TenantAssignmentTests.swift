import Testing

@testable import LogPipeline

@Suite struct TenantAssignmentTests {
  private func policy(_ sources: [TenantSource], otherwise: String = "", isRequired: Bool = false) -> TenantPolicy {
    var policy = TenantPolicy()
    (policy.sources, policy.defaultName, policy.isRequired) = (sources, Array(otherwise.utf8), isRequired)
    return policy
  }

  /// A batch with a resource for each of these values of `tenant.id`, with one record; nil for a resource without.
  private func batch(_ tenants: Message?...) throws -> LogBatch {
    var request = Message()
    for tenant in tenants {
      let owner = tenant.map { resource(("service.name", .text("s")), ("tenant.id", $0)) } ?? resource()
      let scope = Message.message(2, Message.message(2, record(body: "b")))
      request = request + Message.message(1, Message.message(1, owner) + scope)
    }
    return try LogBatch.decoded(request: request)
  }

  /// The tenants that resources get.
  private func assigned(
    _ batch: consuming LogBatch, _ policy: TenantPolicy, head: HeadTenant? = nil
  ) throws -> (tenants: [String], rejections: Rejections) {
    var request = RequestContext()
    request.tenant = head
    var assignment = TenantAssignment(policy, head)
    try assignment.run(&batch, of: &request)
    let store = batch.store
    return (batch.resources.map { String(decoding: store[$0.tenant.range], as: UTF8.self) }, request.rejections)
  }

  private let attribute = TenantSource.attribute("tenant.id")

  @Test func eachResourceHasItsOwn() throws {
    let batch = try batch(.text("a"), .text("b"), nil, .number(42), .text(""))
    let (tenants, rejections) = try assigned(batch, policy([attribute], otherwise: "rest"))
    #expect(tenants == ["a", "b", "rest", "42", "rest"] && rejections.records == 0)
  }

  @Test func theHeadGoesBeforeOrAfterAttributesAsConfigured() throws {
    let sources = [TenantSource.field("x-tenant"), attribute]
    let first = HeadTenant(name: Array("head".utf8), rank: 0)
    #expect(try assigned(try batch(.text("a"), nil), policy(sources), head: first).tenants == ["head", "head"])
    let last = HeadTenant(name: Array("head".utf8), rank: 1)
    let reversed = policy(Array(sources.reversed()))
    #expect(try assigned(try batch(.text("a"), nil), reversed, head: last).tenants == ["a", "head"])
    #expect(try assigned(try batch(.text("a"), nil), reversed).tenants == ["a", ""])
  }

  @Test func recordsOfNoTenantAreRejectedWhereOneIsRequired() throws {
    let policy = policy([attribute], isRequired: true)
    let (tenants, rejections) = try assigned(try batch(.text("a"), nil), policy)
    #expect(tenants == ["a", ""] && rejections.records == 1)
    #expect(rejections.reasons == ["no tenant is named, and one is required"])
    #expect(throws: TenantRefusal.missing) { try assigned(try batch(nil, nil), policy) }
  }

  @Test func aNameThatIsTooLongOrNoTextRejectsItsRecordsAlone() throws {
    let long = String(repeating: "x", count: TenantName.maxBytes + 1)
    let (tenants, rejections) = try assigned(
      try batch(.text(long), .text(String(long.dropLast())), .map(("a", .text("b")))), policy([attribute]))
    #expect(tenants == ["", String(long.dropLast()), ""] && rejections.records == 2)
    #expect(rejections.reasons == ["the name of a tenant has 129 bytes: the limit is 128 bytes"])
    let refusal = #expect(throws: TenantRefusal.self) { try assigned(try batch(.text("a\n")), policy([attribute])) }
    #expect(refusal?.reason == .invalid)
  }

  @Test func aRequestIsOfSoManyTenantsAtMost() throws {
    var policy = policy([attribute])
    policy.maxTenantsOfRequest = 2
    #expect(try assigned(try batch(.text("a"), .text("b"), .text("a")), policy).0 == ["a", "b", "a"])
    let refusal = #expect(throws: TenantRefusal.self) {
      try assigned(try batch(.text("a"), .text("b"), .text("c")), policy)
    }
    let expected = "the request is of at least 3 tenants: the limit is 2 (max_tenants_per_request)"
    #expect(refusal?.reason == .tooLarge && refusal?.message == expected)
  }
}
