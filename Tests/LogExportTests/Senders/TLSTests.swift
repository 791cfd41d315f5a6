import Glibc
import HTTPTransport
import LogExport
import LogPipeline
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// The HTTP and gRPC senders over TLS, against a server whose certificate names `es.internal`.
@Suite struct TLSTests {
  private enum Kind: CaseIterable, Sendable {
    case http
    case grpc
  }

  /// Sends once over TLS to a server that may ask for a client's certificate.
  private func send(
    _ kind: Kind, asksForCertificate: Bool = false, _ change: (inout ClientTLSOptions, String) -> Void
  ) async throws -> SendResult {
    let folder = try Folder()
    defer { folder.remove() }
    var options = ClientTLSOptions()
    change(&options, folder.path)
    let group = MultiThreadedEventLoopGroup.singleton
    var serverOptions = HTTPServerOptions()
    serverOptions.host = "127.0.0.1"
    serverOptions.tls = try serverContext(asksForCertificate: asksForCertificate)
    let server = try await HTTPServer.start(serverOptions, service: Answering(), group: group)
    let sender = try sender(kind, to: "https://127.0.0.1:\(server.boundPort)", options)
    let route: DialectRoute = kind == .http ? .http(path: "/", headers: []) : .grpc(path: "/a/b", headers: [])
    let result = await sender.send(body("x"), along: route, timeout: .seconds(10))
    await sender.close()
    await server.drain(within: .milliseconds(100))
    return result
  }

  private func sender(_ kind: Kind, to endpoint: String, _ tls: ClientTLSOptions) throws -> any Sender {
    let group = MultiThreadedEventLoopGroup.singleton
    switch kind {
    case .http:
      var options = HTTPSenderOptions()
      options.endpoints = [endpoint]
      options.tls = tls
      return try HTTPSender(options, group: group)
    case .grpc:
      var options = GRPCSenderOptions()
      options.endpoint = endpoint
      options.tls = tls
      return try GRPCSender(options, group: group)
    }
  }

  private func serverContext(asksForCertificate: Bool) throws -> NIOSSLContext {
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(Certificates.server.utf8)).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(Certificates.serverKey.utf8), format: .pem)))
    tls.applicationProtocols = ["h2", "http/1.1"]
    if asksForCertificate {
      tls.certificateVerification = .noHostnameVerification
      tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(Certificates.authority.utf8)))
    }
    return try NIOSSLContext(configuration: tls)
  }

  private func status(_ kind: Kind) -> Answer.Status { kind == .http ? .http(200) : .grpc(0) }

  @Test(arguments: Kind.allCases) private func trustsItsAuthorityForTheNameGiven(kind: Kind) async throws {
    let result = try await send(kind) { tls, folder in
      tls.caFile = folder + "/authority.pem"
      tls.serverNameOverride = "es.internal"
    }
    #expect(result.answer?.status == status(kind), "\(result)")
  }

  @Test(arguments: Kind.allCases) private func refusesACertificateForAnotherName(kind: Kind) async throws {
    let result = try await send(kind) { tls, folder in
      tls.caFile = folder + "/authority.pem"
      tls.serverNameOverride = "other.internal"
    }
    #expect(result.isRetryable && result.answer == nil)
  }

  @Test(arguments: Kind.allCases) private func refusesAnUnknownAuthority(kind: Kind) async throws {
    let result = try await send(kind) { tls, _ in tls.serverNameOverride = "es.internal" }
    #expect(result.isRetryable && result.answer == nil)
  }

  @Test(arguments: Kind.allCases) private func takesAnyCertificateOnlyIfToldTo(kind: Kind) async throws {
    let result = try await send(kind) { tls, _ in tls.insecureSkipVerify = true }
    #expect(result.answer?.status == status(kind), "\(result)")
  }

  @Test(arguments: Kind.allCases) private func presentsItsOwnCertificate(kind: Kind) async throws {
    for hasCertificate in [true, false] {
      let result = try await send(kind, asksForCertificate: true) { tls, folder in
        tls.insecureSkipVerify = true
        if hasCertificate {
          tls.certFile = folder + "/client.pem"
          tls.keyFile = folder + "/client.key"
        }
      }
      #expect(result.answer?.status == (hasCertificate ? status(kind) : nil), "\(result)")
    }
  }

  @Test func optionsThatCannotWorkNameTheFile() throws {
    for change: (inout ClientTLSOptions) -> Void in [
      { $0.caFile = "/no/such/file" }, { $0.certFile = "/etc/hostname" }, { $0.minVersion = "2" },
      {
        $0.certFile = "/no/such/cert"
        $0.keyFile = "/no/such/key"
      },
    ] {
      var options = ClientTLSOptions()
      change(&options)
      #expect(throws: SenderConfigurationError.self) { try options.configuration() }
    }
  }

  @Test func theOldestVersionIsAnOption() throws {
    var options = ClientTLSOptions()
    #expect(try options.configuration().minimumTLSVersion == .tlsv12)
    options.minVersion = "1.3"
    #expect(try options.configuration().minimumTLSVersion == .tlsv13)
  }
}

/// Answers over both protocols that all is well.
private struct Answering: HTTPService {
  func plan(for head: inout HTTPTransport.HTTPRequestHead) -> HTTPBodyPlan {
    .collect(limitBytes: 1 << 20, budget: nil)
  }

  func refusal(of head: HTTPTransport.HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse {
    HTTPResponse(status: 413)
  }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    guard request.head.version == .http2 else { return responder.respond(HTTPResponse(status: 200)) }
    responder.respond(HTTPResponse(status: 200, body: .init(bytes: [0, 0, 0, 0, 0]), trailers: ["grpc-status": "0"]))
  }
}

/// A folder with the test certificates as files.
private struct Folder {
  let path: String
  private static let files = [
    ("authority.pem", Certificates.authority), ("client.pem", Certificates.client),
    ("client.key", Certificates.clientKey),
  ]

  init() throws {
    var template = Array(("/tmp/tls-tests-" + String(repeating: "X", count: 6)).utf8CString)
    guard let made = mkdtemp(&template) else { throw SenderConfigurationError("no folder") }
    path = String(cString: made)
    for (name, text) in Self.files {
      guard let file = fopen("\(path)/\(name)", "w") else { throw SenderConfigurationError("no file") }
      fputs(text + "\n", file)
      fclose(file)
    }
  }

  func remove() {
    for (name, _) in Self.files { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
