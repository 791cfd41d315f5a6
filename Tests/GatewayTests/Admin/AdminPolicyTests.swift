import Access
import Testing

@testable import Gateway
@testable import LogStore

@Suite struct AdminPolicyTests {
  private func rule(_ name: String, _ may: Set<AdminCapability>, where condition: String? = nil) throws -> AdminRule {
    AdminRule(
      who: [IdentityMatcher(name: "username", value: name)], may: may,
      condition: try condition.map { try AdminSample.condition($0) })
  }

  /// What somebody sees: the number of conditions, -1 for all records, nil for nothing.
  private func sight(_ demand: AdminDemand, of name: String, _ rules: [AdminRule]?) -> Int? {
    var policy = AdminPolicy()
    policy.rules = rules
    switch policy.grant(demand, to: Identity(authenticator: "a", attributes: [("username", name)])) {
    case .granted(let scope): return scope.map { $0.conditions.count } ?? -1
    case .lacking: return nil
    }
  }

  @Test func withoutRulesWhoeverIsKnownMayEverything() {
    #expect(sight(.look(.logs), of: "ann", nil) == -1 && sight(.change(.reload), of: "ann", nil) == -1)
    #expect(sight(.look(.logs), of: "ann", []) == nil && sight(.anything, of: "ann", []) == nil)
  }

  @Test func conditionsOfSeveralRulesAddUp() throws {
    let rules = [
      try rule("ann", [.logs], where: "log.severity_number > 1"), try rule("ann", [.logs], where: "scope.name == nil"),
      try rule("ann", [.reload]), try rule("bob", [.logs]), try rule("bob", [.logs], where: "scope.name == nil"),
    ]
    #expect(sight(.look(.logs), of: "ann", rules) == 2)
    // A rule without a condition shows all, whatever others say.
    #expect(sight(.look(.logs), of: "bob", rules) == -1)
    #expect(sight(.look(.tap), of: "ann", rules) == nil && sight(.look(.logs), of: "eve", rules) == nil)
    #expect(sight(.anything, of: "ann", rules) == -1 && sight(.page, of: "eve", rules) == -1)
  }

  @Test func aRuleForNobodyInParticularIsForEverybody() {
    let rules = [AdminRule(who: [], may: [.logs])]
    #expect(sight(.look(.logs), of: "eve", rules) == -1)
  }

  @Test func aGatewayThatIsGoneKnowsNobody() {
    #expect(AdminPolicy.nobody.authentication != nil && !AdminPolicy.nobody.takesTokens)
  }
}
