import Access
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

  @Test func whatIsKnownOfTheSenderIsThereAndNoFieldStandsForIt() {
    var head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", headers: ["auth.username": "somebody", "\u{0}username": "somebody"])
    let routes = Routes(OTLPServiceOptions())
    let identity = Identity(
      authenticator: "basicauth", tenant: "blue", attributes: [("username", "edge"), ("group", "a"), ("group", "b")])
    head.note = RequestAim(RequestAim(head, routes), of: identity, head)
    let request = RequestContext(head)
    func known(_ name: String) -> String? {
      request.joinedValues(of: RequestContext.fieldOrClaimName(name)).map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(known("auth.username") == "edge" && known("auth.claims.username") == "edge")
    #expect(known("auth.group") == "a;b" && known("auth.tenant") == "blue")
    #expect(known("username") == nil && known("auth.Username") == nil)
    #expect(request.joinedValues(of: Array("auth.username".utf8)) == Array("somebody".utf8))
  }
}
