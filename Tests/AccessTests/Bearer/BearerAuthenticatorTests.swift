import HTTPTransport
import Options
import Testing

@testable import Access

@Suite struct BearerAuthenticatorTests {
  private func table(_ token: String, _ identity: Identity) throws -> BearerTokenTable {
    let entry = BearerTokens.Entry(token: Secret(token), identity: identity)
    return try BearerTokenTable(
      [.init(file: nil, option: "", read: { _ in [entry] })], maxCount: 1, maxFileBytes: 1)
  }

  private func verdict(_ fields: [(String, String)], _ form: BearerForm = BearerForm()) throws -> AuthenticationVerdict
  {
    let identity = Identity(authenticator: "", tenant: "blue", signals: [.logs], attributes: [("name", "edge")])
    let authenticator = BearerAuthenticator(id: "bearertokenauth/x", form, try table("good", identity))
    #expect(authenticator.files.isEmpty)
    let head = HTTPRequestHead(method: "POST", path: "/", headers: HTTPHeaders(fields))
    guard case .decided(let verdict) = authenticator.judge(head) else { return .unavailable }
    return verdict
  }

  private let blue = AuthenticationVerdict.identified(
    Identity(authenticator: "bearertokenauth/x", tenant: "blue", signals: [.logs], attributes: [("name", "edge")]))

  @Test func aKnownTokenIdentifies() throws {
    #expect(try verdict([("authorization", "Bearer good")]) == blue)
    #expect(try verdict([("Authorization", "bearer good")]) == blue)
    #expect(try verdict([("authorization", "Bearer bad")]) == .denied)
    #expect(try verdict([("authorization", "Basic good")]) == .absent)
    #expect(try verdict([("authorization", "Bearer good"), ("authorization", "Bearer good")]) == .denied)
    #expect(try verdict([("authorization", "Bearer " + String(repeating: "x", count: 5000))]) == .denied)
    #expect(try verdict([]) == .absent)
  }

  @Test func schemeAndFieldAreOptions() throws {
    let bare = BearerForm(scheme: "", header: "X-Api-Key")
    #expect(try verdict([("x-api-key", "good")], bare) == blue)
    #expect(try verdict([("x-api-key", "Bearer good")], bare) == .denied)
    #expect(try verdict([("authorization", "Bearer good")], bare) == .absent)
    #expect(try verdict([("authorization", "ApiKey good")], BearerForm(scheme: "ApiKey")) == blue)
  }

  @Test func oneIsChallengedForASchemeOfTheFieldForCredentials() throws {
    func challenge(_ form: BearerForm) throws -> String? {
      BearerAuthenticator(id: "", form, try table("t", Identity(authenticator: ""))).challenge
    }
    #expect(try challenge(BearerForm()) == "Bearer")
    #expect(try challenge(BearerForm(scheme: "ApiKey")) == "ApiKey")
    #expect(try challenge(BearerForm(scheme: "")) == nil)
    #expect(try challenge(BearerForm(header: "X-Token")) == nil)
  }
}
