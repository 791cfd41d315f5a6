import Testing

@testable import Access

@Suite struct PasswordHashTests {
  /// Of the password `secret`, made by `htpasswd` of Apache, `openssl passwd` and Python's `crypt`.
  static let samples = [
    "$apr1$q5Ai$Tj15WLhAtS.8Y1JzE5FDK1",
    "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/",
    "$1$q5Ai$pNTZLkm2nYlhy0STNFbW/0",
    "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0",
    "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "$2a$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "$5$rounds=1000$saltsalt$eKLZU9t9OoPWrqOQsoTIKG0aYkZ5rGOoOQhiIvoSWX2",
    "$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/",
    "$6$abc$IdWKNKTJEb8LxY7CGg8YBXlvtfZzFw7Mp/r6niK9YB2mdvgY..TKjv1T..8RadRt2qvUHYRLr/TsVArtr91iR1",
    "secret",
  ]

  @Test(arguments: samples)
  func thePasswordIsToldFromOthers(_ text: String) throws {
    let hash = try PasswordHash(text)
    #expect(hash.matches(Array("secret".utf8)) == true)
    for other in ["", "secre", "secret1", "Secret", text] where other != "secret" {
      #expect(hash.matches(Array(other.utf8)) == false, "\(other)")
    }
  }

  @Test func emptyAndLongPasswordsHaveHashesToo() throws {
    #expect(try PasswordHash("$apr1$q5Ai$0/zPEhDaOAzlP6H2NZpSk1").matches([]) == true)
    #expect(
      try PasswordHash("$apr1$q5Ai$t7pezF9Udmnp6JoMNVJVX0").matches(Array(String(repeating: "x", count: 100).utf8))
        == true)
    #expect(
      try PasswordHash("$apr1$q5Ai$t7pezF9Udmnp6JoMNVJVX0").matches(Array(String(repeating: "x", count: 99).utf8))
        == false)
  }

  @Test(arguments: [
    ("", "has no password"), ("{SHA}AAAA", "has a hash that is malformed"),
    ("{MD5}AAAA", "has a hash of an unknown kind"),
    ("$apr1$salt", "has a hash that is malformed"), ("$apr1$$qYd6MMAfzH1Oqa0.yJw2S/", "has a hash that is malformed"),
    ("$y$j9T$abc$def", "has a hash of an unknown kind"), ("$2y$10$short", "has a hash that is malformed"),
    ("$2y$16$\(String(repeating: "a", count: 53))", "has a bcrypt cost of 16: the limit is 15"),
    ("$6$rounds=1000001$salt$hash", "has 1000001 rounds: the limit is 1000000"),
    ("$6$rounds=x$salt$hash", "has a hash that is malformed"), ("$", "has a hash that is malformed"),
  ])
  func whatIsNoHashIsRefusedUnquoted(_ text: String, _ reason: String) {
    #expect(throws: HtpasswdProblem(reason)) { try PasswordHash(text) }
  }

  @Test func costsAreToldApart() throws {
    let bcrypt = try [4, 10, 15].map {
      try PasswordHash("$2y$\($0 < 10 ? "0" : "")\($0)$" + String(repeating: "a", count: 53))
    }
    #expect(bcrypt[0].cost < bcrypt[1].cost && bcrypt[1].cost < bcrypt[2].cost)
    #expect(try PasswordHash("$6$rounds=1000000$s$h").cost > PasswordHash("$6$s$h").cost)
    #expect(try PasswordHash("plain").cost < PasswordHash("$1$s$h").cost)
  }
}
