import Access
import Testing

@Suite struct IdentityMatcherTests {
  private let ann = Identity(
    authenticator: "oidc/corp", tenant: "shop",
    attributes: [("subject", "ann"), ("groups", "dev"), ("groups", "ops"), ("café", "x")])

  private func matches(_ name: String? = nil, _ value: String? = nil, by authenticator: String? = nil) -> Bool {
    IdentityMatcher(authenticator: authenticator, name: name, value: value).matches(ann)
  }

  @Test func oneOfSeveralValuesIsEnough() {
    #expect(matches("groups", "dev") && matches("groups", "ops") && matches("groups"))
    #expect(!matches("groups", "op") && !matches("groups", "") && !matches("roles"))
  }

  @Test func theTenantIsAskedByItsName() {
    #expect(matches("tenant", "shop") && matches("tenant") && !matches("tenant", "bank"))
    #expect(!IdentityMatcher(name: "tenant").matches(Identity(authenticator: "oidc/corp")))
  }

  @Test func theAuthenticatorHasToBeTheOneThatIsNamed() {
    #expect(matches(by: "oidc/corp") && !matches(by: "oidc"))
    #expect(matches("subject", "ann", by: "oidc/corp") && !matches("subject", "ann", by: "basicauth"))
  }

  /// A name in another normal form is another name, as it is to authenticators.
  @Test func bytesCount() {
    #expect(matches("caf\u{e9}", "x") && !matches("cafe\u{301}", "x"))
    let other = Identity(authenticator: "a", attributes: [("subject", "cafe\u{301}")])
    #expect(!IdentityMatcher(name: "subject", value: "caf\u{e9}").matches(other))
  }
}
