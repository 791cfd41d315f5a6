import Access
import Testing

@Suite struct IdentityTests {
  @Test func identitiesAreTheSameIfAllOfThemIs() {
    let one = Identity(authenticator: "basicauth", tenant: "a", attributes: [("username", "u"), ("group", "g")])
    #expect(one == one)
    var other = one
    other.attributes[1].value = "h"
    #expect(one != other)
    other = one
    other.tenant = nil
    #expect(one != other)
  }
}
