import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import HTTPTransport

@Suite struct ClientCertificateTests {
  @Test func saysWhatTheCertificateSays() throws {
    let parsed = try NIOSSLCertificate(bytes: Array(TestClient.certificatePEM.utf8), format: .pem)
    let certificate = try #require(ClientCertificate(parsed))
    #expect(certificate.commonName == "shop-api")
    #expect(certificate.subject == "CN=shop-api,?=org,OU=Shop,O=Example\\, Inc.,C=CH")
    #expect(certificate.dnsNames == ["api.shop.svc", "api"])
    #expect(certificate.uris == ["spiffe://example.org/ns/shop/sa/api"])
    #expect(certificate.emails == ["ops@example.org"])
    #expect(certificate.fingerprint == "64ccd3d052dfaf4bec27448a6fdb5349d1886cbb44f8d737a3bea63e4fdb4613")
    #expect(certificate.notAfter == 4_733_657_096)
  }

  @Test func aSubjectCannotBeMistakenForAnother() {
    let subject = ClientCertificate(subject: [("O", " a,CN=b+c\\\"<>; "), ("CN", "#x\0")])
    #expect(subject.subject == "CN=\\#x\\00,O=\\ a\\,CN\\=b\\+c\\\\\\\"\\<\\>\\;\\ ")
    #expect(subject.commonName == "#x\0")
    #expect(ClientCertificate(subject: [("CN", "a"), ("CN", "b")]).commonName == nil)
    #expect(ClientCertificate(subject: []).commonName == nil && ClientCertificate(subject: []).subject == "")
  }

  private enum Asks { case nothing, ifGiven, always }

  /// The certificate that a service sees of one request over TLS of either version of HTTP.
  private func seen(
    _ asks: Asks, _ version: TLSVersion, presents: Bool, over http: HTTPVersionSpoken
  ) async throws -> ClientCertificate? {
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    options.tls = try TestTLS.server {
      guard asks != .nothing else { return }
      try TestTLS.askClients(&$0, authorities: [TestClient.authorityPEM])
      if asks == .ifGiven { $0.certificateVerification = .optionalVerification }
    }
    let service = TestService()
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await HTTPServer.start(options, service: service, group: group)
    let context = try TestTLS.client(protocols: [http == .http1 ? "http/1.1" : "h2"]) {
      ($0.minimumTLSVersion, $0.maximumTLSVersion) = (version, version)
      if presents { try TestTLS.present(TestClient.certificatePEM, TestClient.keyPEM, &$0) }
    }
    if http == .http1 {
      let client = try await RawClient.connect(server.boundPort, tls: context)
      client.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
      #expect(try await client.wait { $0.text.hasSuffix("ok") || $0.isClosed })
    } else {
      let connection = try await HTTP2ClientConnection.connect(
        host: "127.0.0.1", port: server.boundPort, tls: (context, "localhost"), group: group)
      for _ in 1...2 { _ = try await connection.send(HTTPClientRequest(path: "/"), timeout: .seconds(20)) }
      await connection.close()
      let certificates = service.seen.map(\.head.clientCertificate)
      #expect(certificates.count == 2 && certificates[0] === certificates[1])
    }
    await server.drain(within: .zero)
    return try #require(service.seen.first).head.clientCertificate
  }

  @Test(arguments: [TLSVersion.tlsv12, .tlsv13], [HTTPVersionSpoken.http1, .http2])
  func aRequestHasTheCertificateOfItsConnection(_ version: TLSVersion, _ http: HTTPVersionSpoken) async throws {
    #expect(try await seen(.always, version, presents: true, over: http)?.commonName == "shop-api")
    #expect(try await seen(.ifGiven, version, presents: true, over: http)?.commonName == "shop-api")
    #expect(try await seen(.ifGiven, version, presents: false, over: http) == nil)
    #expect(try await seen(.nothing, version, presents: true, over: http) == nil)
  }
}
