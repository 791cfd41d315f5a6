import Testing

@testable import Access

@Suite struct HtpasswdTests {
  private func hashes(_ text: String, _ change: (inout BasicAuthLimits) -> Void = { _ in }) throws(HtpasswdProblem)
    -> Htpasswd.Hashes
  {
    var limits = BasicAuthLimits()
    change(&limits)
    return try Htpasswd.hashes(of: text, limits)
  }

  @Test func readsUsersAndPassesOverTheRest() throws {
    let text = "# a: b\n\n  \na:one\r\nb:two:three \n  c:$1$s$h\na:four"
    let found = try hashes(text)
    #expect(found.keys.sorted() == ["a", "b", "c"])
    #expect(found["a"]?.matches(Array("four".utf8)) == true)
    #expect(found["b"]?.matches(Array("two:three".utf8)) == true)
  }

  @Test func aMarkOfTheEncodingIsNoPartOfAName() throws {
    #expect(try hashes("\u{FEFF}a:one\n\u{FEFF}b:two").keys.sorted() == ["a", "\u{FEFF}b"])
  }

  @Test(arguments: [
    ("a:b\nnobody", "line 2 has no \":\""), (":x", "line 1 has no user"),
    ("a:b\nnul:sec\u{0}ret", "line 2 has control characters"), ("\u{0}a\u{0}:\u{0}b", "line 1 has control characters"),
    ("a:", "line 1 has no password"),
    ("\n\na:{MD5}x", "line 3 has a hash of an unknown kind"),
  ])
  func whatIsWrongIsNamedByItsLine(_ text: String, _ reason: String) {
    #expect(throws: HtpasswdProblem(reason)) { try hashes(text) }
  }

  @Test func aUserHasOneSpelling() throws {
    let file = try Htpasswd(inline: try hashes("jos\u{E9}:x"), files: [], BasicAuthLimits())
    #expect(file.hash(of: "jos\u{E9}") != nil)
    #expect(file.hash(of: "jose\u{301}") == nil && file.hash(of: "jose") == nil)
  }

  @Test func limitsHold() throws {
    #expect(try hashes("abc:x") { $0.maxUserBytes = 3 }.count == 1)
    #expect(throws: HtpasswdProblem("line 1 has a user of 4 bytes: the limit is 3 (limits.max_username)")) {
      try hashes("abcd:x") { $0.maxUserBytes = 3 }
    }
    #expect(try hashes("a:x\nb:x\na:y") { $0.maxUsers = 2 }.count == 2)
    #expect(throws: HtpasswdProblem("at least 3 users are named: the limit is 2 (limits.max_users)")) {
      try hashes("a:x\nb:x\nc:y") { $0.maxUsers = 2 }
    }
  }

  @Test func theConfigurationGoesBeforeFilesAndTheCostliestIsKnown() throws {
    let limits = BasicAuthLimits()
    let bcrypt = PasswordHashTests.samples.first { $0.hasPrefix("$2y") } ?? ""
    let file = Array("a:file\nb:file\nc:\(bcrypt)".utf8)
    let htpasswd = try Htpasswd(inline: try hashes("a:inline"), files: [file], limits)
    #expect(htpasswd.hash(of: "a")?.matches(Array("inline".utf8)) == true)
    #expect(htpasswd.hash(of: "b")?.matches(Array("file".utf8)) == true)
    #expect(htpasswd.hash(of: "d") == nil)
    #expect(htpasswd.costliest == (try PasswordHash(bcrypt)))
    #expect(throws: HtpasswdProblem("it names no user")) { try Htpasswd(inline: [:], files: [[]], limits) }
  }
}
