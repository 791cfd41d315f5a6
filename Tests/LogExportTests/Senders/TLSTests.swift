import Access
import Files
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
    let context = try serverContext(asksForCertificate: asksForCertificate)
    serverOptions.tls = { context }
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
          tls.material.chain = .file(folder + "/client.pem")
          tls.material.key = .file(folder + "/client.key")
        }
      }
      #expect(result.answer?.status == (hasCertificate ? status(kind) : nil), "\(result)")
    }
  }

  @Test func optionsThatCannotWorkNameTheFile() throws {
    let changes: [(String, (inout ClientTLSOptions) -> Void)] = [
      ("tls: /no/such/file: No such file or directory", { $0.caFile = "/no/such/file" }),
      ("tls: cert_file and key_file go together", { $0.material.chain = .file("/etc/hostname") }),
      ("tls: /etc/hostname holds no certificate in PEM", { $0.caFile = "/etc/hostname" }),
    ]
    for (text, change) in changes {
      var options = ClientTLSOptions()
      change(&options)
      #expect(throws: SenderConfigurationError(text)) { try options.watched() }
    }
  }

  @Test func versionsSuitesAndCurvesAreOptions() throws {
    var options = ClientTLSOptions()
    #expect(try options.watched().value.configuration.minimumTLSVersion == .tlsv12)
    #expect(try options.watched().value.configuration.curves == nil)
    options.settings.minVersion = .tls11
    options.settings.maxVersion = .tls12
    options.settings.cipherSuites = [.ecdheRSAWithAES128GCM]
    options.settings.curves = [.p521]
    let made = try options.watched(offering: ["h2"]).value.configuration
    #expect(made.minimumTLSVersion == .tlsv11 && made.maximumTLSVersion == .tlsv12)
    #expect(made.cipherSuites == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" && made.curves == [.secp521r1])
    #expect(made.applicationProtocols == ["h2"])
  }

  @Test func theSystemsAuthoritiesMayBeTrustedToo() throws {
    let folder = try Folder()
    defer { folder.remove() }
    var options = ClientTLSOptions()
    options.caFile = folder.path + "/authority.pem"
    #expect(try options.watched().value.configuration.trustRoots != .default)
    options.trustsSystemToo = true
    let made = try options.watched().value.configuration
    #expect(made.trustRoots == .default && made.additionalTrustRoots.count == 1)
  }

  /// Authorities that are exchanged hold for connections from then on, and a file that is broken for none.
  @Test(arguments: Kind.allCases) private func trustsWhatTheFileHoldsNow(kind: Kind) async throws {
    let folder = try Folder()
    defer { folder.remove() }
    var options = ClientTLSOptions()
    options.caFile = folder.path + "/client.pem"
    options.serverNameOverride = "es.internal"
    var serverOptions = HTTPServerOptions()
    serverOptions.host = "127.0.0.1"
    let context = try serverContext(asksForCertificate: false)
    serverOptions.tls = { context }
    let service = Answering()
    let server = try await HTTPServer.start(
      serverOptions, service: service, group: MultiThreadedEventLoopGroup.singleton)
    let sender = try sender(kind, to: "https://127.0.0.1:\(server.boundPort)", options)
    let route: DialectRoute = kind == .http ? .http(path: "/", headers: []) : .grpc(path: "/a/b", headers: [])
    func answer() async -> Answer.Status? {
      await sender.send(body("x"), along: route, timeout: .seconds(10)).answer?.status
    }
    let files = try #require(sender.files.first)
    #expect(files.option == "tls" && files.files.paths == [options.caFile])
    #expect(await answer() == nil)
    try folder.write(Certificates.authority, "client.pem")
    #expect(files.files.look() == .used)
    #expect(await answer() == status(kind))
    try folder.write("broken", "client.pem")
    #expect(files.files.look() != nil)
    #expect(await answer() == status(kind))
    #expect(server.counters.connectionsTotal == 2)
    await sender.close()
    await server.drain(within: .milliseconds(100))
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
    for (name, text) in Self.files { try write(text, name) }
  }

  func write(_ text: String, _ name: String) throws {
    guard let file = fopen("\(path)/\(name)", "w") else { throw SenderConfigurationError("no file") }
    fputs(text + "\n", file)
    fclose(file)
  }

  func remove() {
    for (name, _) in Self.files { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
