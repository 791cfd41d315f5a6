import HTTPTransport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite struct AdminRouteTests {
  private static let routes = AdminRoutes([
    AdminRoute(method: .get, path: "/api/look", demand: .look(.logs)) { request throws(AdminRefusal) in
      .object([("a", .optional(request.arguments["a"])), ("by", .text(request.asker))])
    },
    AdminRoute(method: .post, path: "/api/do", demand: .change(.reload), maxBodyBytes: 5, maxAtOnce: 1) {
      request throws(AdminRefusal) in
      if request.body.isEmpty { throw AdminRefusal("what?", status: 409) }
      return .list([.text(String(decoding: request.body, as: UTF8.self)), .optional(request.arguments["b"])])
    },
  ])
  private static let own: HTTPHeaders = ["Host": "localhost:8888", "Sluice-Page": "1"]

  private func plan(
    _ method: String, _ path: String, _ headers: HTTPHeaders, from address: String = "127.0.0.1:5"
  ) -> HTTPBodyPlan? {
    var head = HTTPRequestHead(method: method, path: path, headers: headers, remoteAddress: address)
    let gate = AdminGate(
      access: AdminAccess(host: ""), policy: { AdminPolicy() }, audit: AdminAudit(logger: LogCapture().logger))
    return Self.routes[path].map { gate.plan(for: &head, $0.entrance) }
  }

  private func status(_ plan: HTTPBodyPlan?) -> Int? {
    switch plan {
    case .refuse(let response): response.status
    case .collect: 200
    case .later, nil: nil
    }
  }

  private func answer(
    _ path: String, query: String = "", body: String = "", type: String = "", _ routes: AdminRoutes = Self.routes
  ) async throws -> (status: Int, text: String) {
    let head = HTTPRequestHead(
      method: "POST", path: path, query: query, headers: ["Content-Type": type], remoteAddress: "127.0.0.1:5")
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let promise = loop.makePromise(of: HTTPResponse.self)
    let responder = HTTPResponder(eventLoop: loop) { event in
      if case .whole(let response) = event { promise.succeed(response) }
    }
    let pass = AdminPass(nil, scope: nil, AdminAudit(logger: LogCapture().logger))
    let route = try #require(routes[path])
    routes.respond(to: HTTPRequest(head: head, body: Array(body.utf8)), route, pass, through: responder)
    let response = try await promise.futureResult.get()
    #expect(response.headers.first(name: "cache-control") == "no-store")
    #expect(response.headers.first(name: "x-content-type-options") == "nosniff")
    return (response.status, String(buffer: response.body))
  }

  @Test func aPathHasItsMethodAndItsSize() {
    #expect(status(plan("GET", "/api/look", Self.own)) == 200)
    #expect(status(plan("POST", "/api/look", Self.own)) == 405)
    #expect(status(plan("GET", "/api/do", Self.own)) == 405)
    #expect(status(plan("OPTIONS", "/api/do", Self.own)) == 405)
    #expect(status(plan("GET", "/api/other", Self.own)) == nil)
    guard case .collect(let limitBytes, _, _) = plan("POST", "/api/do", Self.own) else {
      Issue.record("a POST is not taken")
      return
    }
    #expect(limitBytes == 5)
  }

  @Test func whatChangesSomethingComesFromTheOwnPage() {
    #expect(status(plan("POST", "/api/do", Self.own)) == 200)
    #expect(status(plan("POST", "/api/do", ["Host": "localhost"])) == 403, "a form of another site")
    var elsewhere = Self.own
    elsewhere.add(name: "Origin", value: "http://elsewhere.example")
    #expect(status(plan("POST", "/api/do", elsewhere)) == 403)
    #expect(status(plan("POST", "/api/do", ["Host": "elsewhere.example", "Sluice-Page": "1"])) == 403)
    #expect(status(plan("POST", "/api/do", Self.own, from: "10.0.0.7:5")) == 403)
    #expect(status(plan("GET", "/api/look", Self.own, from: "10.0.0.7:5")) == 403)
    #expect(status(plan("GET", "/api/look", ["Host": "localhost"])) == 200, "to look needs no field")
  }

  @Test func answersAreJSON() async throws {
    #expect(try await answer("/api/look", query: "a=x%22y") == (200, "{\"a\":\"x\\\"y\",\"by\":\"127.0.0.1:5\"}\n"))
    #expect(try await answer("/api/look") == (200, "{\"a\":null,\"by\":\"127.0.0.1:5\"}\n"))
    #expect(try await answer("/api/do", body: "b=1") == (200, "[\"b=1\",null]\n"), "a text is no form")
    let form = "application/x-www-form-urlencoded;charset=UTF-8"
    #expect(try await answer("/api/do", body: "b=1", type: form) == (200, "[\"b=1\",\"1\"]\n"))
    #expect(try await answer("/api/do") == (409, "what?\n"))
    #expect(Self.routes["/api/other"] == nil)
  }

  @Test func oneMoreThanTheLimitIsToldToComeAgain() async throws {
    let box = Box()
    let routes = AdminRoutes([
      AdminRoute(method: .post, path: "/api/slow", demand: .change(.reload), maxAtOnce: 1) { _ throws(AdminRefusal) in
        await withCheckedContinuation { done in box.value.withLock { $0.append(done) } }
        return .null
      }
    ])
    async let first = answer("/api/slow", routes)
    while box.value.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
    let second = try await answer("/api/slow", routes)
    #expect(second.status == 429 && second.text.contains("the limit is 1"))
    box.value.withLock { $0.removeLast() }.resume()
    #expect(try await first == (200, "null\n"))
  }

  private final class Box: Sendable {
    let value = Mutex<[CheckedContinuation<Void, Never>]>([])
  }

  @Test func everyKindOfValueIsJSON() {
    let value = AdminJSON.object([
      ("n", .number(-1)), ("f", .flag(true)), ("l", .list([.flag(false), .null, .texts(["a\u{1}\n", "é"])])),
      ("o", .object([])),
    ])
    #expect(
      String(decoding: value.bytes, as: UTF8.self)
        == "{\"n\":-1,\"f\":true,\"l\":[false,null,[\"a\\u0001\\n\",\"é\"]],\"o\":{}}\n")
  }
}
