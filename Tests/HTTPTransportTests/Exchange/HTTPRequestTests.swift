import Testing

@testable import HTTPTransport

@Suite struct HTTPRequestTests {
  @Test(arguments: [
    ("192.0.2.1:4318", "192.0.2.1"), ("[2001:db8::1]:4318", "2001:db8::1"), ("unknown", "unknown"), ("", ""),
  ])
  func theHostIsTheAddressWithoutItsPort(_ address: String, _ host: String) {
    #expect(HTTPRequestHead(method: "POST", path: "/v1/logs", remoteAddress: address).remoteHost == host)
  }

  /// Whoever has one address of IPv6 has those beside it too.
  @Test(arguments: [
    ("192.0.2.1:4318", "192.0.2.1"), ("[2001:db8:0:a::1]:1", "20:1:d:b8:0:0:0:a/64"),
    ("[2001:db8:0:a:ffff::]:1", "20:1:d:b8:0:0:0:a/64"), ("[2001:db8:0:b::1]:1", "20:1:d:b8:0:0:0:b/64"),
    ("[::ffff:192.0.2.1]:1", "::ffff:192.0.2.1"), ("[::1]:1", "0:0:0:0:0:0:0:0/64"), ("unknown", "unknown"),
    ("[not:an:address]:1", "not:an:address"),
  ])
  func limitsForAnAddressAreForItsNetwork(_ address: String, _ network: String) {
    #expect(HTTPRequestHead(method: "POST", path: "/v1/logs", remoteAddress: address).remoteNetwork == network)
  }

  @Test func aHeadKnowsWhereItCameFrom() {
    let peer = HTTPPeer(address: "192.0.2.1:1", isTLS: true, listener: 1)
    let head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", query: "a=b", headers: ["X-A": "1"], version: .http2, from: peer)
    #expect(head.remoteAddress == "192.0.2.1:1" && head.isTLS && head.listener == 1)
    #expect(head.method == "POST" && head.path == "/v1/logs" && head.query == "a=b" && head.version == .http2)
    #expect(head.headers.first(name: "x-a") == "1" && head.clientCertificate == nil)
  }
}
