import HTTPTransport
import LogPipeline
import NIOHTTP1
import Testing

@testable import OTLPReceiver

@Suite struct RequestContextHeadTests {
  @Test(arguments: [
    ("10.1.2.3:4317", "10.1.2.3"), ("[2001:db8::1]:80", "2001:db8::1"), ("unknown", "unknown"), ("", ""),
  ])
  func theClientsAddressHasNoPort(remote: String, address: String) {
    let request = RequestContext(HTTPRequestHead(method: "POST", path: "/", remoteAddress: remote))
    #expect(String(decoding: request.store[request.clientAddress.range], as: UTF8.self) == address)
    #expect(request.monotonicNano > 0)
  }

  @Test func headerFieldsAreThere() {
    let headers: HTTPHeaders = ["X-Tenant": "acme", "a": "b"]
    let request = RequestContext(HTTPRequestHead(method: "POST", path: "/", headers: headers))
    #expect(request.joinedValues(of: Array("x-tenant".utf8)) == Array("acme".utf8))
  }
}
