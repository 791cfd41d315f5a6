import Access
import HTTPTransport
import LogExport
import LogPipeline
import NIOCore
import NIOHTTP1
import NIOPosix
import Options
import Synchronization
import Testing

/// Credentials through both senders, towards servers that know one token.
@Suite struct PresentedCredentialsTests {
  /// Presents tokens one after the other; the next after a refusal, until none is left.
  private final class Tokens: RequestCredentials {
    private let state: Mutex<(left: [String], written: Int)>

    init(_ tokens: [String]) { state = Mutex((tokens, 0)) }

    var written: Int { state.withLock { $0.written } }

    func write(to head: inout HTTPHeaders, within limit: Duration) async throws(CredentialFailure) {
      let token = state.withLock { state in
        state.written += 1
        return state.left.first
      }
      guard let token else { throw CredentialFailure("the token endpoint is away") }
      head.replaceOrAdd(name: "authorization", value: "Bearer \(token)")
    }

    func wereRefused(in head: HTTPHeaders) -> Bool {
      state.withLock { state in
        if state.left.count > 1 || state.left.first == "last" { state.left.removeFirst() }
        return head.first(name: "authorization") != state.left.first.map { "Bearer \($0)" }
      }
    }
  }

  /// Sends one body over HTTP to a server that takes one token; the result and the tokens that it saw.
  private func overHTTP(_ tokens: Tokens, taking token: String) async throws -> (SendResult, [String?]) {
    let server = try await RawServer.start { request in
      RawServer.answer(request.headers["authorization"] == "Bearer \(token)" ? 200 : 401)
    }
    var options = HTTPSenderOptions()
    options.endpoints = [server.address]
    options.credentials = tokens
    let sender = try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton)
    let result = await sender.send(body("{}\n"), along: .http(path: "/x", headers: []), timeout: .seconds(20))
    await sender.close()
    await server.stop()
    return (result, server.requests.map { $0.headers["authorization"] })
  }

  /// The same over gRPC.
  private func overGRPC(_ tokens: Tokens, taking token: String) async throws -> (SendResult, [String?]) {
    let service = Service { request in
      let isKnown = request.head.headers.first(name: "authorization") == "Bearer \(token)"
      let body = ByteBuffer(bytes: [0, 0, 0, 0, 0])
      return HTTPResponse(
        status: 200, headers: ["content-type": "application/grpc"], body: isKnown ? body : ByteBuffer(),
        trailers: ["grpc-status": isKnown ? "0" : "16"])
    }
    var serverOptions = HTTPServerOptions()
    serverOptions.host = "127.0.0.1"
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await HTTPServer.start(serverOptions, service: service, group: group)
    var options = GRPCSenderOptions()
    options.endpoint = "http://127.0.0.1:\(server.boundPort)"
    options.credentials = tokens
    let sender = try GRPCSender(options, group: group)
    let result = await sender.send(body("x"), along: .grpc(path: "/a/b", headers: []), timeout: .seconds(20))
    await sender.close()
    await server.drain(within: .seconds(1))
    return (result, service.requests.map { $0.head.headers.first(name: "authorization") })
  }

  @Test func whatIsPresentedIsTaken() async throws {
    let http = try await overHTTP(Tokens(["a"]), taking: "a")
    #expect(http.0.answer?.status == .http(200) && http.1 == ["Bearer a"])
    let grpc = try await overGRPC(Tokens(["a"]), taking: "a")
    #expect(grpc.0.answer?.status == .grpc(0) && grpc.1 == ["Bearer a"])
  }

  @Test func aRefusalIsAnsweredWithOtherCredentialsOnce() async throws {
    let http = try await overHTTP(Tokens(["a", "b"]), taking: "b")
    #expect(http.0.answer?.status == .http(200) && http.1 == ["Bearer a", "Bearer b"])
    let grpc = try await overGRPC(Tokens(["a", "b"]), taking: "b")
    #expect(grpc.0.answer?.status == .grpc(0) && grpc.1 == ["Bearer a", "Bearer b"])
    let none = try await overHTTP(Tokens(["a", "b", "c"]), taking: "c")
    #expect(none.0.answer?.status == .http(401) && none.1 == ["Bearer a", "Bearer b"])
  }

  @Test func withoutOthersTheRefusalIsTheAnswer() async throws {
    let http = try await overHTTP(Tokens(["a"]), taking: "b")
    #expect(http.0.answer?.status == .http(401) && http.1 == ["Bearer a"])
    let grpc = try await overGRPC(Tokens(["a"]), taking: "b")
    #expect(grpc.0.answer?.status == .grpc(16) && grpc.1 == ["Bearer a"])
  }

  @Test func nothingIsSentWithoutCredentials() async throws {
    for (result, seen) in [
      try await overHTTP(Tokens([]), taking: "a"), try await overGRPC(Tokens([]), taking: "a"),
    ] {
      #expect(seen.isEmpty)
      guard case .failed(let reason, let retryable) = result else {
        Issue.record("answered")
        continue
      }
      #expect(reason == "no credentials: the token endpoint is away" && retryable)
    }
    let late = try await overHTTP(Tokens(["last"]), taking: "b")
    #expect(late.1 == ["Bearer last"])
    guard case .failed(_, let retryable) = late.0 else {
      Issue.record("answered")
      return
    }
    #expect(retryable)
  }

  private func fromContext() -> HeaderSetter {
    HeaderSetter([HeaderSetter.Edit("x-scope", .upsert, .metadata(key: "x-tenant", otherwise: Secret("none")))])
  }

  /// Metadata is not sent itself: only what credentials make of it.
  @Test func whatIsKnownOfRequestsIsPresentedOverHTTP() async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    var options = HTTPSenderOptions()
    options.endpoints = [server.address]
    options.credentials = fromContext()
    let sender = try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton)
    let route = DialectRoute.http(path: "/x", headers: [.init("X-Own", "1")])
    for text in [":x-tenant: acme\n:x-env: e", ""] {
      _ = await sender.send(body("{}\n"), along: route.carrying(Array(text.utf8)), timeout: .seconds(20))
    }
    await sender.close()
    await server.stop()
    #expect(server.requests.map { $0.headers["x-scope"] } == ["acme", "none"])
    #expect(server.requests.allSatisfy { $0.headers["x-tenant"] == nil && $0.headers["x-own"] == "1" })
  }

  @Test func whatIsKnownOfRequestsIsPresentedOverGRPC() async throws {
    let service = Service { _ in
      HTTPResponse(
        status: 200, headers: ["content-type": "application/grpc"], body: ByteBuffer(bytes: [0, 0, 0, 0, 0]),
        trailers: ["grpc-status": "0"])
    }
    var serverOptions = HTTPServerOptions()
    serverOptions.host = "127.0.0.1"
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await HTTPServer.start(serverOptions, service: service, group: group)
    var options = GRPCSenderOptions()
    options.endpoint = "http://127.0.0.1:\(server.boundPort)"
    options.credentials = fromContext()
    let sender = try GRPCSender(options, group: group)
    let route = DialectRoute.grpc(path: "/a/b", headers: []).carrying(Array(":x-tenant: acme".utf8))
    _ = await sender.send(body("x"), along: route, timeout: .seconds(20))
    await sender.close()
    await server.drain(within: .seconds(1))
    #expect(service.requests.map { [$0.head.headers["x-scope"], $0.head.headers["x-tenant"]] } == [[["acme"], []]])
  }

  /// Sets two fields of every request.
  private struct Setter: RequestCredentials {
    func write(to head: inout HTTPHeaders, within limit: Duration) async throws(CredentialFailure) {
      for name in ["x-tenant", "x-other"] { head.replaceOrAdd(name: name, value: "auth") }
    }
    func wereRefused(in head: HTTPHeaders) -> Bool { false }
  }

  private static let binding = [DialectRoute.Header("X-Tenant", "own", isBinding: true), .init("X-Other", "own")]

  /// A field that says whose the records are has its place whatever else is configured.
  @Test func nothingTakesThePlaceOfABindingFieldOverHTTP() async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    var options = HTTPSenderOptions()
    options.endpoints = [server.address]
    options.headers = [("x-tenant", "headers"), ("x-other", "headers")]
    options.credentials = Setter()
    let sender = try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton)
    _ = await sender.send(body("{}\n"), along: .http(path: "/x", headers: Self.binding), timeout: .seconds(20))
    await sender.close()
    await server.stop()
    #expect(server.requests.map { [$0.headers["x-tenant"], $0.headers["x-other"]] } == [["own", "auth"]])
  }

  @Test func nothingTakesThePlaceOfABindingFieldOverGRPC() async throws {
    let service = Service { _ in
      HTTPResponse(
        status: 200, headers: ["content-type": "application/grpc"], body: ByteBuffer(bytes: [0, 0, 0, 0, 0]),
        trailers: ["grpc-status": "0"])
    }
    var serverOptions = HTTPServerOptions()
    serverOptions.host = "127.0.0.1"
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await HTTPServer.start(serverOptions, service: service, group: group)
    var options = GRPCSenderOptions()
    options.endpoint = "http://127.0.0.1:\(server.boundPort)"
    options.headers = [("x-tenant", "headers")]
    options.credentials = Setter()
    let sender = try GRPCSender(options, group: group)
    _ = await sender.send(body("x"), along: .grpc(path: "/a/b", headers: Self.binding), timeout: .seconds(20))
    await sender.close()
    await server.drain(within: .seconds(1))
    let seen = service.requests.map { request in ["x-tenant", "x-other"].map { request.head.headers[$0] } }
    #expect(seen == [[["own"], ["auth"]]])
  }
}
