import Options
import Testing

@Suite struct HTTPURLTests {
  @Test(arguments: [
    ("http://es:9200", HTTPURL(isTLS: false, host: "es", port: 9200, path: "/"), "http://es:9200/"),
    ("https://es", HTTPURL(isTLS: true, host: "es", port: 443, path: "/"), "https://es/"),
    ("HTTP://es/a/b", HTTPURL(isTLS: false, host: "es", port: 80, path: "/a/b"), "http://es/a/b"),
    ("https://[::1]:9200/x", HTTPURL(isTLS: true, host: "::1", port: 9200, path: "/x"), "https://[::1]:9200/x"),
    ("https://[::1]", HTTPURL(isTLS: true, host: "::1", port: 443, path: "/"), "https://[::1]/"),
    ("http://es/a@b", HTTPURL(isTLS: false, host: "es", port: 80, path: "/a@b"), "http://es/a@b"),
  ])
  func readsAnAbsoluteURL(_ text: String, _ expected: HTTPURL, _ written: String) throws {
    let url = try HTTPURL.parse(text)
    #expect(url == expected)
    #expect(url.description == written)
    #expect(try HTTPURL.parse(written) == expected)
  }

  @Test(arguments: [
    "", "es", "ftp://es", "http://", "http:///x", "http://:80", "http://es:0", "http://es:65536", "http://es:x",
    "http://e s/", "http://es/a b", "http://es/#x", "http://[::1", "http://::1/", "http://es:1:2/", "http://es/ü",
  ])
  func refusesOtherText(_ text: String) {
    #expect(throws: OptionMismatch.self) { try HTTPURL.parse(text) }
  }

  @Test(arguments: ["http://es?token=pa55", "http://es/a?token=pa55"])
  func refusesAQueryWithoutRepeatingIt(_ text: String) {
    #expect(read(.url, text).mismatch?.expected == "a URL without a query (\"?\")")
    #expect(read(.url, text).mismatch?.hidesText == true)
  }

  @Test func suggestsAScheme() {
    #expect(read(.url, "es:9200/x").mismatch?.suggestion == "http://es:9200/x")
  }

  @Test(arguments: ["https://elastic:pa55@es:9200", "http://token@es", "elastic:pa55@es"])
  func refusesCredentialsWithoutRepeatingThem(_ text: String) {
    #expect(read(.url, text).mismatch?.hidesText == true)
  }

  @Test func pointsToTheOptionsForCredentials() {
    let expected = "a URL without user and password; the exporter has options for them"
    #expect(read(.url, "https://elastic:pa55@es:9200").mismatch?.expected == expected)
  }
}
