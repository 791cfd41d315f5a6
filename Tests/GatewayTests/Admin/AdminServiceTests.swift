import HTTPTransport
import NIOPosix
import Testing

@testable import Gateway

@Suite struct AdminServiceTests {
  /// What the service answers to a request, by way of `plan` and `respond`.
  private func answer(
    _ method: String, _ path: String, state: GatewayState = .ready, headers: HTTPHeaders = ["Host": "localhost:8888"],
    from address: String = "127.0.0.1:50000"
  ) async throws -> HTTPResponse {
    let queue = Readiness.Queue(exporter: "file/\"a\"", queuedBytes: 1, capacityBytes: 3, queuedRecords: 2)
    let service = AdminService(
      .init(
        metrics: { $0 == .text ? "a 1\n" : "a 1\n# EOF\n" },
        readiness: { Readiness(state: state, queues: [queue]) },
        pipelines: { "{\"state\":\"ready\"}\n" }, audit: AdminAudit(logger: LogCapture().logger)))
    var head = HTTPRequestHead(method: method, path: path, headers: headers, remoteAddress: address)
    if case .refuse(let response) = service.plan(for: &head) { return response }
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let promise = loop.makePromise(of: HTTPResponse.self)
    let responder = HTTPResponder(eventLoop: loop) { event in
      if case .whole(let response) = event { promise.succeed(response) }
    }
    service.respond(to: HTTPRequest(head: head), through: responder)
    return try await promise.futureResult.get()
  }

  private func text(_ response: HTTPResponse) -> String { String(buffer: response.body) }

  @Test func servesMetricsAsPrometheusText() async throws {
    let response = try await answer("GET", "/metrics")
    #expect(response.status == 200)
    #expect(text(response) == "a 1\n")
    #expect(response.headers.first(name: "content-type") == "text/plain; version=0.0.4; charset=utf-8")
  }

  @Test func servesOpenMetricsToWhoeverAsksForIt() async throws {
    let response = try await answer(
      "GET", "/metrics", headers: ["Host": "localhost:8888", "Accept": "application/openmetrics-text"])
    #expect(text(response) == "a 1\n# EOF\n")
    #expect(
      response.headers.first(name: "content-type") == "application/openmetrics-text; version=1.0.0; charset=utf-8")
  }

  @Test(arguments: [GatewayState.starting, .ready, .leaving, .draining])
  func isHealthyWhateverItDoes(_ state: GatewayState) async throws {
    #expect(try await answer("GET", "/healthz", state: state).status == 200)
    #expect(try await answer("HEAD", "/healthz", state: state).status == 200)
  }

  @Test(arguments: [(GatewayState.starting, 503), (.ready, 200), (.leaving, 503), (.draining, 503)])
  func isReadyOnlyWhileItTakesLogs(_ state: GatewayState, _ status: Int) async throws {
    let response = try await answer("GET", "/readyz", state: state)
    #expect(response.status == status)
    #expect(response.headers.first(name: "content-type") == "application/json")
    #expect(
      text(response)
        == "{\"status\":\"\(state.rawValue)\",\"queues\":[{\"exporter\":\"file/\\\"a\\\"\",\"queued_records\":2,"
        + "\"queued_bytes\":1,\"capacity_bytes\":3,\"saturation\":0.333,\"oldest_seconds\":0}]}\n")
  }

  @Test func aQueueWithoutRoomAtAllIsNoDivisionByZero() {
    let queue = Readiness.Queue(exporter: "x", queuedBytes: 0, capacityBytes: 0, queuedRecords: 0)
    #expect(Readiness(state: .ready, queues: [queue]).json.contains("\"saturation\":0.0"))
  }

  @Test(arguments: ["/index.html", "/api", "/metrics/", "/v1/logs", "", "/readyz/../metrics"])
  func knowsNoOtherPath(_ path: String) async throws {
    #expect(try await answer("GET", path).status == 404)
  }

  @Test func knownPathsAreNamedToWhoAsksForAnother() async throws {
    #expect(try await text(answer("POST", "/v1/logs")).contains("/select/logsql/query and POST /-/reload"))
    #expect(try await answer("GET", "/select/logsql/query").status == 404)
  }

  @Test func aReloadIsAskedForHere() async throws {
    #expect(try await text(answer("POST", "/-/reload")) == "the configuration cannot be read again\n")
    #expect(try await answer("POST", "/-/reload", from: "10.0.0.7:50000").status == 403)
    let method = try await answer("GET", "/-/reload")
    #expect(method.status == 405 && method.headers.first(name: "allow") == "POST")
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "get", ""])
  func refusesOtherMethodsBeforeTheirBody(_ method: String) async throws {
    let response = try await answer(method, "/metrics")
    #expect(response.status == 405)
    #expect(response.headers.first(name: "allow") == "GET, HEAD")
  }

  @Test func thePageIsAtTheRoot() async throws {
    let page = try await answer("GET", "/")
    #expect(page.status == 200)
    #expect(page.headers.first(name: "content-type") == "text/html; charset=utf-8")
    #expect(text(page).hasPrefix("<!doctype html>"))
    #expect(try await answer("HEAD", "/app.js").status == 200)
  }

  @Test func thePageReadsPipelines() async throws {
    let response = try await answer("GET", "/api/pipelines")
    #expect(response.status == 200)
    #expect(response.headers.first(name: "content-type") == "application/json")
    #expect(response.headers.first(name: "cache-control") == "no-store")
    #expect(response.headers.first(name: "x-content-type-options") == "nosniff")
    #expect(text(response) == "{\"state\":\"ready\"}\n")
  }

  /// What it says of records is for this machine; whether it is ready is not.
  @Test(arguments: ["/", "/app.js", "/api/pipelines"])
  func anotherMachineIsTurnedAway(_ path: String) async throws {
    let response = try await answer("GET", path, from: "10.0.0.7:50000")
    #expect(response.status == 403)
    #expect(text(response).contains("for this machine"))
    #expect(try await answer("GET", "/metrics", from: "10.0.0.7:50000").status == 200)
    #expect(try await answer("GET", "/readyz", headers: [:], from: "10.0.0.7:50000").status == 200)
  }

  @Test(arguments: ["/", "/app.js", "/api/pipelines"])
  func aNameThatIsNotOfThisMachineIsTurnedAway(_ path: String) async throws {
    let response = try await answer("GET", path, headers: ["Host": "rebound.example:8888"])
    #expect(response.status == 403)
    #expect(text(response).contains("localhost"))
    #expect(!text(response).contains("rebound"))
  }

  @Test func namesBothSizesOfABodyThatIsTooLarge() {
    let service = AdminService(
      .init(
        metrics: { _ in "" }, readiness: { Readiness(state: .ready, queues: []) },
        audit: AdminAudit(logger: LogCapture().logger)))
    var head = HTTPRequestHead(method: "GET", path: "/metrics")
    guard case .collect(let limitBytes, _, _) = service.plan(for: &head) else {
      Issue.record("a GET is not taken")
      return
    }
    #expect(limitBytes == 1024)
    let response = service.refusal(of: head, because: .tooLarge(bytes: 1025, limitBytes: limitBytes))
    #expect(response.status == 413)
    #expect(text(response) == "body of 1025 bytes, at most 1024\n")
    #expect(service.refusal(of: head, because: .timedOut(after: .seconds(1))).status == 408)
  }
}
