import Options
import Testing

@testable import Access

@Suite struct TokenRulesTests {
  private static let now = 1_000_000

  private func claims(_ text: String) throws -> [String: JSONValue] {
    try #require(try JSONValue(Array(text.utf8), maxDepth: 8).members)
  }

  private func rules(_ change: (inout TokenRules) -> Void = { _ in }) -> TokenRules {
    var rules = TokenRules()
    rules.issuer = "https://issuer"
    rules.audience = "logs"
    change(&rules)
    return rules
  }

  /// What is wrong with claims beside those that are all right.
  private func fault(_ text: String, _ rules: TokenRules? = nil) throws -> TokenFault? {
    let all = try claims(#"{"iss":"https://issuer","aud":"logs","exp":1000001}"#)
      .merging(try claims(text)) { $1 }.filter { $0.value != .null }
    do throws(TokenFault) {
      _ = try (rules ?? self.rules()).expiry(of: all, at: Self.now)
      return nil
    } catch {
      return error
    }
  }

  @Test func theIssuerIsComparedLetterByLetter() throws {
    #expect(try fault("{}") == nil)
    for issuer in [
      #""https://issuer/""#, #""https://ISSUER""#, #""https://other""#, "5", #"["https://issuer"]"#, "null",
    ] {
      #expect(try fault(#"{"iss":\#(issuer)}"#) == .issuer, "\(issuer)")
      #expect(try fault(#"{"iss":\#(issuer)}"#, rules { $0.issuer = nil }) == nil)
    }
  }

  @Test func theAudienceIsOneOrAmongSeveral() throws {
    for audience in [#""logs""#, #"["other","logs"]"#] { #expect(try fault(#"{"aud":\#(audience)}"#) == nil) }
    for audience in [#""log""#, #""logs metrics""#, #"["other"]"#, "[]", #"[["logs"]]"#, "5", #"{"logs":1}"#, "null"] {
      #expect(try fault(#"{"aud":\#(audience)}"#) == .audience, "\(audience)")
      #expect(try fault(#"{"aud":\#(audience)}"#, rules { $0.audience = nil }) == nil)
    }
  }

  @Test func aTokenEndsToTheSecond() throws {
    for end in ["1000001", "1000000.5", "1e6000", "9e99", "10000000"] where end != "1e6000" {
      #expect(try fault(#"{"exp":\#(end)}"#) == nil, "\(end)")
    }
    for end in ["1000000", "999999", "0", "-1", "1e6000", #""1000001""#, "true", "null", "[1000001]"] {
      #expect(try fault(#"{"exp":\#(end)}"#) == .expired, "\(end)")
    }
  }

  @Test func aBeginMayBeFiveMinutesAhead() throws {
    for begin in ["1000300", "1000000", "0", "-5"] { #expect(try fault(#"{"nbf":\#(begin)}"#) == nil) }
    for begin in ["1000301", "1e300", #""5""#, "true"] {
      #expect(try fault(#"{"nbf":\#(begin)}"#) == .notYetValid, "\(begin)")
    }
  }

  @Test func theEndIsKnownInWholeSeconds() throws {
    func end(_ exp: String) throws -> Int {
      try rules().expiry(of: try claims(#"{"iss":"https://issuer","aud":"logs","exp":\#(exp)}"#), at: 5)
    }
    #expect(try end("1000001.9") == 1_000_001)
    #expect(try end("1e300") == 9_999_999_999)
  }

  private func identity(_ text: String, _ change: (inout TokenRules) -> Void = { _ in }) throws -> Identity {
    try rules(change).identity(of: try claims(text), authenticator: "oidc")
  }

  private func attributes(_ identity: Identity) -> [String] { identity.attributes.map { "\($0.name)=\($0.value)" } }

  @Test func claimsAreKnownByTheirNames() throws {
    let text = #"{"sub":"a","n":1.50,"b":true,"list":["x",2,false],"map":{"k":1},"null":null,"mixed":["x",{}]}"#
    #expect(
      attributes(try identity(text)) == [
        "subject=a", "username=a", "b=true", "list=x", "list=2", "list=false", "n=1.50", "sub=a",
      ])
  }

  @Test func noClaimStandsForWhatTheGatewayNames() throws {
    let text = #"{"sub":"a","subject":"b","username":"b","membership":"b","tenant":"b","raw":"b"}"#
    let identity = try identity(text)
    #expect(attributes(identity) == ["subject=a", "username=a", "sub=a"] && identity.tenant == nil)
    #expect(attributes(try self.identity("{}")).isEmpty)
  }

  @Test func claimsThatAreAskedForHaveToBeThere() throws {
    let named = try identity(#"{"sub":"a","email":"e@x"}"#) { $0.usernameClaim = "email" }
    #expect(attributes(named) == ["subject=e@x", "username=e@x", "email=e@x", "sub=a"])
    let groups = try identity(#"{"groups":["a","b"]}"#) { $0.groupsClaim = "groups" }
    #expect(attributes(groups) == ["membership=a", "membership=b", "groups=a", "groups=b"])
    #expect(attributes(try identity(#"{"groups":"a"}"#) { $0.groupsClaim = "groups" }).first == "membership=a")
    #expect(try identity(#"{"org":"blue"}"#) { $0.tenantClaim = "org" }.tenant == "blue")
    #expect(try identity(#"{"tenant":7}"#) { $0.tenantClaim = "tenant" }.tenant == "7")
    for text in ["{}", #"{"c":null}"#, #"{"c":{}}"#, #"{"c":[{}]}"#] {
      #expect(throws: TokenFault.claim) { _ = try identity(text) { $0.usernameClaim = "c" } }
      #expect(throws: TokenFault.claim) { _ = try identity(text) { $0.groupsClaim = "c" } }
      #expect(throws: TokenFault.claim) { _ = try identity(text) { $0.tenantClaim = "c" } }
    }
    #expect(throws: TokenFault.claim) { _ = try identity(#"{"c":""}"#) { $0.tenantClaim = "c" } }
  }

  @Test func aClaimSaysWhatMayBeSent() throws {
    func signals(_ text: String) throws -> Set<Signal>? { try identity(text) { $0.signalsClaim = "scope" }.signals }
    #expect(try signals(#"{"scope":"openid logs metrics"}"#) == [.logs, .metrics])
    #expect(try signals(#"{"scope":["traces","other"]}"#) == [.traces])
    #expect(try signals("{}") == [] && signals(#"{"scope":"LOGS"}"#) == [])
    #expect(try identity(#"{"scope":"logs"}"#).signals == nil)
    #expect(throws: TokenFault.claim) { _ = try signals(#"{"scope":{}}"#) }
  }
}
