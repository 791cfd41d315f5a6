import Testing

@testable import LogPipeline

@Suite struct TenantPolicyTests {
  private func policy(_ sources: String...) throws -> TenantPolicy {
    var policy = TenantPolicy()
    policy.sources = try sources.map { try #require(TenantSource($0)) }
    return policy
  }

  private func found(
    _ policy: TenantPolicy, claim: String? = nil, fields: [String] = []
  ) throws(TenantRefusal) -> HeadTenant? {
    try policy.tenant { source in
      switch source {
      case .claim: claim.map { [$0] } ?? []
      case .field: fields
      case .attribute: ["never asked"]
      }
    }
  }

  @Test func theFirstSourceThatAHeadHasCounts() throws {
    let policy = try policy("auth.tenant", "metadata.X-Tenant", "resource.tenant.id")
    #expect(policy.sources.map(\.text) == ["auth.tenant", "metadata.x-tenant", "resource.tenant.id"])
    #expect(try found(policy, claim: "a") == HeadTenant(name: Array("a".utf8), rank: 0))
    #expect(try found(policy, fields: ["b", "b"]) == HeadTenant(name: Array("b".utf8), rank: 1))
    #expect(try found(policy) == nil)
    #expect(try found(policy, fields: [""]) == nil)
  }

  @Test func aHeaderThatContradictsCredentialsIsRefused() throws {
    let policy = try policy("auth.tenant", "metadata.x-tenant")
    #expect(try found(policy, claim: "a", fields: ["a"])?.rank == 0)
    #expect(throws: TenantRefusal.contradiction) { try found(policy, claim: "a", fields: ["b"]) }
    #expect(throws: TenantRefusal.ambiguous.of(.field("x-tenant"))) { try found(policy, fields: ["a", "b"]) }
  }

  @Test func aNameThatIsNoneIsRefusedAndNotQuoted() throws {
    let policy = try policy("metadata.x-tenant")
    let refusal = #expect(throws: TenantRefusal.self) {
      try found(policy, fields: [String(repeating: "q", count: 129)])
    }
    #expect(refusal?.reason == .invalid && refusal?.message.contains("129") == true)
    #expect(refusal?.message.contains("q") == false)
  }

  @Test func whetherAHeadDecidesDependsOnTheOrder() throws {
    let head = HeadTenant(name: Array("a".utf8), rank: 1)
    #expect(try policy("resource.t", "metadata.t").decided(by: head) == nil)
    #expect(try policy("auth.t", "metadata.t", "resource.t").decided(by: head) == head.name)
    #expect(try policy("auth.t", "metadata.t", "resource.t").decided(by: nil) == nil)
    var named = try policy("auth.t", "metadata.t")
    named.defaultName = Array("rest".utf8)
    #expect(named.decided(by: nil) == Array("rest".utf8))
  }

  @Test(arguments: ["", "auth", "auth.", "header.x", ".x"])
  func otherTextsAreNoSources(_ text: String) { #expect(TenantSource(text) == nil) }

  @Test func whatTellsTenantsApartIsPartOfARequestsHash() throws {
    let fields = try policy("auth.tenant", "metadata.x-tenant", "resource.t").contextFields
    #expect(fields == [RequestContext.claimName("tenant"), Array("x-tenant".utf8)])
  }
}
