import HTTPTransport
import Testing

@testable import Gateway

@Suite struct AdminAccessTests {
  private func refusal(
    _ headers: HTTPHeaders = ["Host": "localhost:8888"], host: String = "", names: Set<String> = [],
    changing: Bool = false, isTLS: Bool = false
  ) -> String? {
    let head = HTTPRequestHead(
      method: "GET", path: "/", headers: headers, remoteAddress: "127.0.0.1:50000", isTLS: isTLS)
    return AdminAccess(host: host).refusal(of: head, changing: changing, names: names)?.sentence
  }

  @Test(arguments: ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"])
  func thisMachineIsKnown(_ address: String) { #expect(isHere(address)) }

  /// 127.0.0.6 is where the proxy of a service mesh brings requests from.
  @Test(arguments: [
    "127.0.0.6:1", "10.0.0.1:1", "[fe80::1]:1", "[::2]:1", "[::ffff:10.0.0.1]:1", "", "127.0.0.1.evil:1",
  ])
  func anotherMachineIsNot(_ address: String) { #expect(!isHere(address)) }

  private func isHere(_ address: String) -> Bool {
    AdminAccess.isOfThisMachine(HTTPRequestHead(method: "GET", path: "/", remoteAddress: address).remoteHost)
  }

  @Test func furtherNamesAreAnsweredToo() {
    #expect(refusal(["Host": "Logs.example.com:443"], names: ["logs.example.com"]) == nil)
    #expect(refusal(["Host": "logs.example.com.evil"], names: ["logs.example.com"]) != nil)
    #expect(refusal(["Host": "[::1]:8888"]) == nil && refusal(["Host": "[::1]evil.com"]) != nil)
  }

  /// Before a gateway in clear text may stand a proxy with TLS, behind TLS nothing without.
  @Test func theOriginIsTheGatewaysOwn() {
    let headers: (String) -> HTTPHeaders = { ["Host": "localhost:1", "Origin": "\($0)://localhost:1"] }
    #expect(refusal(headers("https")) == nil && refusal(headers("http")) == nil)
    #expect(refusal(headers("https"), isTLS: true) == nil && refusal(headers("http"), isTLS: true) != nil)
    #expect(refusal(headers("file")) != nil)
  }

  @Test func aBrowserThatHasSomethingChangedSaysThatItIsThePage() {
    let own: HTTPHeaders = ["Host": "localhost", "Origin": "http://localhost"]
    #expect(refusal(own) == nil)
    #expect(refusal(own, changing: true)?.contains("Sluice-Page") == true)
    #expect(refusal(["Host": "localhost", "Sec-Fetch-Site": "none"], changing: true) != nil)
    var page = own
    page.add(name: "Sluice-Page", value: "1")
    #expect(refusal(page, changing: true) == nil)
    #expect(refusal(["Host": "localhost"], changing: true) == nil)
    page.replaceOrAdd(name: "Origin", value: "http://evil.example")
    #expect(refusal(page, changing: true)?.contains("another site") == true)
  }

  @Test(arguments: [
    "localhost", "localhost:8888", "LOCALHOST:1", "localhost.", "sluice.localhost:8888", "127.0.0.1", "127.0.0.1:8888",
    "[::1]", "[::1]:8888",
  ])
  func namesOfThisMachineAreAnswered(_ name: String) { #expect(refusal(["Host": name]) == nil) }

  @Test(arguments: [
    "", "example.com", "example.com:8888", "localhost.example.com", "notlocalhost", "10.0.0.1:8888", "127.0.0.2",
    "[::2]:8888", "[::1", "[", ":8888", ".", "localhost@example.com", "gateway.internal",
  ])
  func otherNamesAreNot(_ name: String) {
    #expect(refusal(["Host": name])?.contains("localhost") == true)
  }

  @Test func aRequestWithoutANameIsNotAnswered() { #expect(refusal([:])?.contains("Host") == true) }

  @Test func theNameThatIsConfiguredIsAnswered() {
    #expect(refusal(["Host": "Gateway.internal:8888"], host: "gateway.internal") == nil)
    #expect(refusal(["Host": "other.internal:8888"], host: "gateway.internal") != nil)
    #expect(refusal(["Host": ""], host: "") != nil)
  }

  @Test func pagesOfOtherSitesAreNotAnswered() {
    let host = ("Host", "localhost:8888")
    #expect(refusal([host.0: host.1, "Origin": "http://localhost:8888"]) == nil)
    #expect(refusal([host.0: host.1, "Origin": "http://localhost:9999"])?.contains("Origin") == true)
    #expect(refusal([host.0: host.1, "Origin": "null"]) != nil)
    #expect(refusal([host.0: host.1, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"]) != nil)
    #expect(refusal([host.0: host.1, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"]) != nil)
    #expect(refusal([host.0: host.1, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"]) == nil)
  }

  @Test func aLinkOnAnotherSiteMayBeFollowed() {
    #expect(
      refusal(["Host": "localhost:8888", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"]) == nil)
  }
}
