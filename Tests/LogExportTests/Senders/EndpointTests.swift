import LogExport
import Testing

@Suite struct EndpointTests {
  @Test func readsAllParts() throws {
    let endpoint = try Endpoint(parsing: "https://es.example:9200/prefix/a/")
    #expect(endpoint.isTLS && endpoint.host == "es.example" && endpoint.port == 9200 && endpoint.path == "/prefix/a")
    #expect(endpoint.description == "https://es.example:9200/prefix/a")
  }

  @Test func fillsInPorts() throws {
    #expect(try Endpoint(parsing: "http://a").port == 80)
    #expect(try Endpoint(parsing: "https://a").port == 443)
    #expect(try Endpoint(parsing: "a", defaultPorts: (4317, 4318)).port == 4317)
    #expect(try Endpoint(parsing: "a", defaultPorts: (4317, 4318), defaultTLS: true).port == 4318)
  }

  @Test func readsIPv6() throws {
    let endpoint = try Endpoint(parsing: "http://[::1]:9200")
    #expect(endpoint.host == "::1" && endpoint.port == 9200 && endpoint.authority == "[::1]:9200")
    #expect(try Endpoint(parsing: "http://[fe80::1]").host == "fe80::1")
  }

  @Test func takesCredentialsOutOfTheAddress() throws {
    let endpoint = try Endpoint(parsing: "http://us%65r:p%40ss:word@host:1")
    #expect(endpoint.authorization == .basic(user: "user", password: "p@ss:word"))
    #expect(endpoint.description == "http://host:1")
    #expect(!"\(endpoint.authorization)".contains("p@ss"))
    #expect(!String(reflecting: endpoint).contains("p@ss"))
  }

  @Test(arguments: [
    "", "ftp://a", "http://", "http://:80", "http://a:0", "http://a:65536", "http://a:b", "http://a b", "http://::1",
    "http://[::1", "http://[::1]x", "http://a/?q=1", "http://a#f", "http://a/b c", "http://u:%zz@a", "http://a\r\nb",
  ])
  func refusesWhatIsNoAddress(address: String) {
    #expect(throws: SenderConfigurationError.self) { try Endpoint(parsing: address) }
  }

  @Test func errorsQuoteNoPassword() {
    for address in ["http://u:hunter2@a:99999", "http://u:hunter2@", "http://u:hunter2%@a", "x://u:hunter2@a"] {
      #expect { try Endpoint(parsing: address) } throws: { !"\($0)".contains("hunter2") }
    }
  }
}
