import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import HTTPTransport

@Suite struct TLSHandshakeTests {
  private final class Failures: Sendable {
    let all = Mutex<[HandshakeFailure]>([])
  }

  /// What a server counts and tells of clients that `connect` to its port.
  private func failures(
    isTLS: Bool = true, _ change: (inout TLSConfiguration) throws -> Void = { _ in },
    connect: (Int) async throws -> Void
  ) async throws -> (counted: [HTTPAbuse: Int], told: [HandshakeFailure]) {
    let failures = Failures()
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    if isTLS { options.tls = try TestTLS.server(change) }
    options.handshakeFailed = { failure in failures.all.withLock { $0.append(failure) } }
    let server = try await HTTPServer.start(
      options, service: TestService(), group: MultiThreadedEventLoopGroup.singleton)
    try await connect(server.boundPort)
    #expect(try await eventually { server.counters.connectionsOpen == 0 })
    await server.drain(within: .zero)
    return (server.counters.refusals, failures.all.withLock { $0 })
  }

  private func refused(_ tls: @escaping () throws -> NIOSSLContext) -> (Int) async throws -> Void {
    { port in
      let client = try await RawClient.connect(port, tls: tls())
      client.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
      #expect(try await client.wait { $0.isClosed })
      #expect(client.text.isEmpty)
    }
  }

  @Test func plainText() async throws {
    var port = 0
    let found = try await failures {
      port = $0
      let client = try await RawClient.connect(port)
      client.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
      #expect(try await client.wait { $0.isClosed })
    }
    #expect(found.counted == [.tlsPlainText: 1])
    #expect(found.told.map(\.kind) == [.tlsPlainText])
    #expect(found.told.first?.detail == "HTTP_REQUEST")
    #expect(found.told.first?.port == port)
    #expect(found.told.first?.peer.hasPrefix("127.0.0.1:") == true)
  }

  /// By a whole first message, and by one that comes byte by byte.
  @Test(arguments: [Int.max, 1]) func toClearText(most: Int) async throws {
    var port = 0
    let found = try await failures(isTLS: false) {
      port = $0
      let client = try await RawClient.connect($0)
      let hello: [UInt8] = [0x16, 3, 1, 0, 4, 1, 0, 0, 0]
      client.send(Array(hello.prefix(most)))
      if most < hello.count {
        try await Task.sleep(for: .milliseconds(20))
        #expect(!client.isClosed && client.receivedBytes == 0)
        client.send(Array(hello.dropFirst(most)))
      }
      #expect(try await client.wait { $0.isClosed })
      #expect(client.text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
      #expect(client.text.hasSuffix("\r\n\r\nThis port speaks clear text, not TLS.\n"))
    }
    #expect(found.counted == [.tlsToClearText: 1])
    #expect(found.told.map(\.kind) == [.tlsToClearText])
    #expect(found.told.first?.port == port)
    #expect(found.told.first?.peer.hasPrefix("127.0.0.1:") == true)
  }

  @Test func whatOnlyBeginsLikeTLSIsABadRequest() async throws {
    let found = try await failures(isTLS: false) { port in
      let client = try await RawClient.connect(port)
      client.send([0x16, 2, 13, 10, 13, 10])
      #expect(try await client.wait { $0.isClosed })
    }
    #expect(found.counted == [.badRequest: 1] && found.told.isEmpty)
  }

  @Test func noSharedProtocolIsAnAlert() async throws {
    let found = try await failures(connect: refused { try TestTLS.client(protocols: ["h3", "spdy/1"]) })
    #expect(found.counted == [.tlsNoSharedProtocol: 1])
    #expect(found.told.map(\.kind) == [.tlsNoSharedProtocol])
    let alerted = try await failures { port in
      let client = try await RawClient.connect(port)
      // A first message that offers the protocol "x".
      let body: [UInt8] =
        [3, 3] + [UInt8](repeating: 1, count: 32) + [0, 0, 2, 0x13, 1, 1, 0] + [0, 8, 0, 16, 0, 4, 0, 2, 1, 120]
      client.send([22, 3, 1, 0, UInt8(body.count + 4), 1, 0, 0, UInt8(body.count)] + body)
      #expect(try await client.wait { $0.isClosed })
      #expect(client.receivedBytes == 7)
      #expect(Array(client.text.utf8) == [21, 3, 3, 0, 2, 2, 120])
    }
    #expect(alerted.counted == [.tlsNoSharedProtocol: 1])
  }

  @Test func aClientThatOffersNoProtocolIsServed() async throws {
    let found = try await failures { port in
      let client = try await RawClient.connect(port, tls: TestTLS.client(protocols: []))
      client.send("GET / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n")
      #expect(try await client.wait { $0.isClosed })
      #expect(client.text.hasPrefix("HTTP/1.1 200"))
    }
    #expect(found.counted.isEmpty && found.told.isEmpty)
  }

  @Test(arguments: [TLSVersion.tlsv12, .tlsv13]) func clientCertificates(_ version: TLSVersion) async throws {
    let authorities = [TestTLS.certificatePEM, TestTLS.expiredPEM]
    func kinds(trusting: [String], _ present: @escaping (inout TLSConfiguration) throws -> Void) async throws
      -> [HTTPAbuse: Int]
    {
      let connect = refused { try TestTLS.client(present) }
      return try await failures(
        {
          $0.minimumTLSVersion = version
          $0.maximumTLSVersion = version
          try TestTLS.askClients(&$0, authorities: trusting)
        }, connect: connect
      ).counted
    }
    #expect(try await kinds(trusting: authorities) { _ in } == [.tlsNoClientCertificate: 1])
    let expired = try await kinds(trusting: authorities) {
      try TestTLS.present(TestTLS.expiredPEM, TestTLS.expiredKeyPEM, &$0)
    }
    #expect(expired == [.tlsBadClientCertificate: 1])
    let unknown = try await kinds(trusting: [TestTLS.expiredPEM]) {
      try TestTLS.present(TestTLS.certificatePEM, TestTLS.keyPEM, &$0)
    }
    #expect(unknown == [.tlsBadClientCertificate: 1])
  }

  @Test func oldVersionsAndSuites() async throws {
    let old = try await failures(
      { $0.minimumTLSVersion = .tlsv13 }, connect: refused { try TestTLS.client { $0.maximumTLSVersion = .tlsv12 } })
    #expect(old.counted == [.tlsOldVersion: 1])
    #expect(old.told.first?.detail == "UNSUPPORTED_PROTOCOL")
    let suite = try await failures(
      { $0.cipherSuites = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" },
      connect: refused {
        try TestTLS.client {
          $0.maximumTLSVersion = .tlsv12
          $0.cipherSuites = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
        }
      })
    #expect(suite.counted == [.tlsNoSharedCipher: 1])
  }

  @Test func aClientThatDoesNotTrustTheServer() async throws {
    let found = try await failures(connect: refused { try TestTLS.client(trusts: false) })
    #expect(found.counted == [.tlsRefusedByClient: 1])
  }

  @Test func aProbeOfThePortIsNoFailure() async throws {
    let probed = try await failures { port in
      let client = try await RawClient.connect(port)
      client.close()
    }
    #expect(probed.counted.isEmpty && probed.told.isEmpty)
    let brokenOff = try await failures { port in
      let client = try await RawClient.connect(port)
      client.send([22, 3, 1])
      try await Task.sleep(for: .milliseconds(50))
      client.close()
    }
    #expect(brokenOff.counted == [.tlsBrokenOff: 1])
  }
}
