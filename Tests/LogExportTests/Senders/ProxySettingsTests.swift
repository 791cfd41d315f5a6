import LogExport
import NIOPosix
import Testing

@Suite struct ProxySettingsTests {
  private func settings(_ environment: [String: String]) throws -> ProxySettings {
    try ProxySettings { environment[$0] }
  }

  private func proxy(_ environment: [String: String], for address: String, isGRPC: Bool = false) throws -> String? {
    try settings(environment).proxy(for: try Endpoint(parsing: address), isGRPC: isGRPC)?.description
  }

  @Test func eachSchemeHasItsVariable() throws {
    let environment = ["HTTP_PROXY": "http://plain:1", "HTTPS_PROXY": "secure:2"]
    #expect(try proxy(environment, for: "http://es") == "http://plain:1")
    #expect(try proxy(environment, for: "https://es") == "http://secure:2")
    #expect(try proxy(environment, for: "http://next:4317", isGRPC: true) == "http://secure:2")
    #expect(try proxy(["http_proxy": "low"], for: "http://es") == "http://low:80")
    #expect(try proxy(["https_proxy": "low", "HTTPS_PROXY": "up"], for: "https://es") == "http://up:80")
    #expect(try proxy(["HTTP_PROXY": "p"], for: "https://es") == nil)
    #expect(try proxy([:], for: "https://es") == nil)
    #expect(try proxy(["HTTPS_PROXY": ""], for: "https://es") == nil)
  }

  @Test(arguments: ["localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"])
  func thisMachineIsReachedWithoutOne(_ host: String) throws {
    #expect(try proxy(["HTTP_PROXY": "p"], for: "http://\(host):9200") == nil)
    let given = try ProxySettings(proxy: "http://p:3128")
    #expect(given.proxy(for: try Endpoint(parsing: "http://\(host):9200"))?.authority == "p:3128")
  }

  @Test(arguments: [
    ("*", "es.example.com:9200"), ("a, *", "es:1"), ("example.com", "example.com:80"),
    ("example.com", "es.Example.com:80"), (".example.com", "es.example.com:80"), ("*.example.com", "es.example.com:80"),
    ("EXAMPLE.com:9200", "es.example.com:9200"), ("10.1.2.3", "10.1.2.3:9200"), ("10.1.2.3:9200", "10.1.2.3:9200"),
    ("10.0.0.0/8", "10.255.0.1:80"), ("0.0.0.0/0", "8.8.8.8:80"), ("10.1.2.3", "[::ffff:10.1.2.3]:80"),
    ("fd00::/8", "[fd12::1]:80"), ("[fd00::1]:80", "[fd00::1]:80"), ("fd00::1", "[fd00::1]:80"), (" , es ,", "es:1"),
    ("172.16.0.0/12", "172.31.255.255:80"),
  ]) func exceptionsHoldFor(_ exceptions: String, _ address: String) throws {
    #expect(try proxy(["HTTP_PROXY": "p", "NO_PROXY": exceptions], for: "http://\(address)") == nil)
    #expect(try proxy(["HTTP_PROXY": "p", "no_proxy": exceptions], for: "http://\(address)") == nil)
  }

  @Test(arguments: [
    ("", "es:1"), (".example.com", "example.com:80"), ("*.example.com", "example.com:80"),
    ("example.com", "badexample.com:80"), ("example.com:9200", "example.com:80"), ("10.1.2.3:9200", "10.1.2.3:80"),
    ("10.0.0.0/8", "11.0.0.1:80"), ("10.0.0.0/33", "10.0.0.1:80"), ("10.0.0.0/-1", "10.0.0.1:80"),
    ("10.0.0.0/8", "ten.example.com:80"), ("fd00::/8", "10.0.0.1:80"), ("/8", "10.0.0.1:80"), (".", "es.:1"),
    ("172.16.0.0/12", "172.32.0.0:80"), (":80", "es:80"),
  ]) func exceptionsDoNotHoldFor(_ exceptions: String, _ address: String) throws {
    #expect(try proxy(["HTTP_PROXY": "p", "NO_PROXY": exceptions], for: "http://\(address)") == "http://p:80")
  }

  @Test(arguments: ["https://p", "socks5://p", "http://p/path", "http://", "http://u:s3cret@p:x", "p:0"])
  func whatIsNoProxyIsRefusedByTheNameOfItsVariable(_ text: String) {
    #expect(throws: SenderConfigurationError("https_proxy: expected the http:// address of a proxy")) {
      try settings(["https_proxy": text])
    }
  }

  @Test func aProgramOfAWebServerTakesNoneThatARequestMayHaveGiven() throws {
    let error = #expect(throws: SenderConfigurationError.self) {
      try settings(["HTTP_PROXY": "http://evil", "REQUEST_METHOD": "GET"])
    }
    #expect(error?.description.contains("REQUEST_METHOD") == true)
    #expect(try proxy(["HTTPS_PROXY": "p", "REQUEST_METHOD": "GET"], for: "https://es") == "http://p:80")
  }

  @Test func requestsOverHTTPGoThroughATunnel() async throws {
    let proxy = try await RawServer.start { request in
      request.line.hasPrefix("CONNECT") ? .bytes("HTTP/1.1 200 Connected\r\n\r\n") : RawServer.answer(200, "ok")
    }
    var options = HTTPSenderOptions()
    options.endpoints = ["http://es.invalid:9200"]
    options.proxies = try ProxySettings(proxy: "http://user:s3cret@127.0.0.1:\(proxy.port)")
    let sender = try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton)
    let result = await sender.send(body("{}\n"), along: .http(path: "/_bulk", headers: []), timeout: .seconds(20))
    #expect(result.answer?.status == .http(200))
    await sender.close()
    await proxy.stop()
    #expect(proxy.requests.map(\.line) == ["CONNECT es.invalid:9200 HTTP/1.1", "POST /_bulk HTTP/1.1"])
    #expect(proxy.requests.first?.headers["proxy-authorization"] == "Basic dXNlcjpzM2NyZXQ=")
    #expect(proxy.requests.last?.headers["proxy-authorization"] == nil)
  }

  @Test(arguments: [
    ("HTTP/1.1 407 X\r\ncontent-length: 0\r\n\r\n", "the proxy does not know who asks (407)"),
    ("HTTP/1.1 403 X\r\ncontent-length: 0\r\n\r\n", "the proxy opens no tunnel"),
  ]) func aProxyThatRefusesIsNamed(_ answer: String, reason: String) async throws {
    let proxy = try await RawServer.start { _ in .bytes(answer) }
    let port = proxy.port
    var options = HTTPSenderOptions()
    options.endpoints = ["https://es.invalid"]
    options.proxies = try ProxySettings(proxy: "http://user:s3cret@127.0.0.1:\(proxy.port)")
    let sender = try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton)
    let result = await sender.send(body("{}\n"), along: .http(path: "/", headers: []), timeout: .seconds(20))
    await sender.close()
    await proxy.stop()
    guard case .failed(let told, let retryable) = result else {
      Issue.record("answered")
      return
    }
    #expect(told == "https://es.invalid:443 through the proxy 127.0.0.1:\(port): \(reason)" && retryable)
  }
}
