import Options
import Testing

@testable import Access

@Suite struct BearerTokensTests {
  private func entry(_ token: String, tenant: String? = nil) -> BearerTokens.Entry {
    BearerTokens.Entry(token: Secret(token), identity: Identity(authenticator: "", tenant: tenant))
  }

  @Test func aTokenSaysWhoseItIs() throws {
    let tokens = try BearerTokens([entry("one", tenant: "a"), entry("two", tenant: "b")], maxCount: 2)
    #expect(tokens.identity(of: "one")?.tenant == "a")
    #expect(tokens.identity(of: "two")?.tenant == "b")
    for other in ["", "on", "one ", "onE", "onetwo"] { #expect(tokens.identity(of: other) == nil) }
  }

  @Test func countAndLengthHaveLimits() throws {
    #expect(throws: BearerTokenProblem("there are 3 tokens: the limit is 2 (max_tokens)")) {
      try BearerTokens(["a", "b", "c"].map { entry($0) }, maxCount: 2)
    }
    #expect(throws: BearerTokenProblem("there is no token")) { try BearerTokens([], maxCount: 2) }
    let longest = String(repeating: "x", count: 4096)
    #expect(try BearerTokens([entry(longest)], maxCount: 1).identity(of: longest) != nil)
    #expect(throws: BearerTokenProblem("token 1 has 4097 bytes: the limit is 4096")) {
      try BearerTokens([entry(longest + "x")], maxCount: 1)
    }
  }

  @Test(arguments: [
    ("", "is empty"), ("a b", "has white space, or what is not ASCII"), ("ä", "has white space, or what is not ASCII"),
  ])
  func whatCannotBePresentedIsRefused(_ token: String, _ reason: String) {
    #expect(throws: BearerTokenProblem("token 2 \(reason)")) {
      try BearerTokens([entry("a"), entry(token)], maxCount: 9)
    }
  }

  @Test func aTokenIsOneSenders() throws {
    #expect(try BearerTokens([entry("a", tenant: "x"), entry("a", tenant: "x")], maxCount: 2).identity(of: "a") != nil)
    #expect(throws: BearerTokenProblem("token 2 is another sender's too")) {
      try BearerTokens([entry("a", tenant: "x"), entry("a", tenant: "y")], maxCount: 2)
    }
  }

  @Test func aFileHoldsATokenOnEachLine() {
    #expect(BearerTokens.tokens(in: Array(" a \r\n\n# x\n #y\n\tb\n".utf8)).map { $0.reveal() } == ["a", "b"])
    #expect(BearerTokens.tokens(in: []).isEmpty)
  }
}
