import Options
import Testing

@Suite struct EndpointTests {
  @Test(arguments: [
    ("localhost:4317", "localhost", 4317), ("[::1]:4317", "::1", 4317), (":4317", "", 4317),
    ("0.0.0.0:0", "0.0.0.0", 0),
    ("a-b_c.example:65535", "a-b_c.example", 65535), ("[fe80::1%eth0]:1", "fe80::1%eth0", 1), ("[::]:1", "::", 1),
  ])
  func readsHostAndPort(_ text: String, _ host: String, _ port: UInt16) throws {
    let endpoint = try Endpoint.parse(text)
    #expect(endpoint == Endpoint(host: host, port: port))
    #expect(endpoint.description == text)
  }

  @Test(arguments: [
    ("4317", "0.0.0.0:4317"), ("::1:4317", "[::1]:4317"), ("http://collector:4317", "collector:4317"),
  ])
  func suggestsWhatWasMeant(_ text: String, _ expected: String) {
    #expect(read(.endpoint(), text).mismatch?.suggestion == expected)
  }

  @Test func suggestsTheDefaultPortForAHostAlone() {
    #expect(read(.endpoint(defaultPort: 4317), "localhost").mismatch?.suggestion == "localhost:4317")
    #expect(read(.endpoint(), "localhost").mismatch?.suggestion == nil)
  }

  @Test(arguments: [
    "", "host:", "host:x", "host:65536", "host:-1", "host:+1", "host:99999999999999999999", "host:1:2", "[::1]", "[]:1",
    "[host]:1", "[::1:1", "::1]:1", "ho st:1", "host\n:1", "host:1 ", "hö:1", "[fe80::1%]:1", "unix:///run/x", "/run/x",
  ])
  func refusesOtherText(_ text: String) {
    #expect(throws: OptionMismatch.self) { try Endpoint.parse(text) }
  }

  @Test func takesAHostOfAtMost253Characters() throws {
    _ = try Endpoint.parse(String(repeating: "a", count: 253) + ":1")
    #expect(throws: OptionMismatch.self) { try Endpoint.parse(String(repeating: "a", count: 254) + ":1") }
  }

  @Test(arguments: ["user:pa55@host:1", "http://user:pa55@host:1"])
  func hidesCredentials(_ text: String) {
    let mismatch = read(.endpoint(), text).mismatch
    #expect(mismatch?.hidesText == true)
    #expect(mismatch?.suggestion == nil)
  }

  @Test(arguments: [("", ""), ("::1", "::1"), ("[::1]", "::1"), ("localhost", "localhost"), ("10.0.0.1", "10.0.0.1")])
  func readsAHost(_ text: String, _ host: String) { #expect(read(.host, text).value == host) }

  @Test(arguments: ["[localhost]", "[]", "[::1", "a b"]) func refusesOtherHosts(_ text: String) {
    #expect(read(.host, text).mismatch?.expected == "a host name or an IP address")
  }

  @Test(arguments: ["0", "65535"]) func readsAPort(_ text: String) { #expect(read(.port, text).value == UInt16(text)) }

  @Test(arguments: ["", "65536", "-1", "+1", "x"]) func refusesOtherPorts(_ text: String) {
    #expect(read(.port, text).mismatch?.expected == "a port from 0 to 65535")
  }
}
