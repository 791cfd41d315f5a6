import HTTPTransport
import NIOCore
import struct NIOHTTP1.HTTPHeaders

/// What operators and Kubernetes ask the gateway: `/metrics`, `/healthz` and `/readyz`, on a port of their own.
final class AdminService: HTTPService {
  private let metrics: @Sendable () -> String
  private let readiness: @Sendable () -> Readiness
  /// Admin requests have no body worth taking.
  private static let maxBodyBytes = 1024

  init(metrics: @escaping @Sendable () -> String, readiness: @escaping @Sendable () -> Readiness) {
    self.metrics = metrics
    self.readiness = readiness
  }

  func plan(for head: HTTPRequestHead) -> HTTPBodyPlan {
    if head.method == "GET" || head.method == "HEAD" { return .collect(limitBytes: Self.maxBodyBytes, budget: nil) }
    return .refuse(Self.text(405, "only GET is answered here\n", headers: [("Allow", "GET, HEAD")]))
  }

  func refusal(of head: HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse {
    switch reason {
    case .tooLarge(let bytes, let limit): Self.text(413, "body of \(bytes) bytes, at most \(limit)\n")
    case .overBudget, .timedOut: Self.text(408, "body did not arrive\n")
    }
  }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    responder.respond(answer(to: request.head.path))
  }

  private func answer(to path: String) -> HTTPResponse {
    switch path {
    case "/metrics":
      return Self.text(200, metrics(), contentType: "text/plain; version=0.0.4; charset=utf-8")
    case "/healthz":
      return Self.text(200, "ok\n")
    case "/readyz":
      let readiness = readiness()
      return Self.text(readiness.isReady ? 200 : 503, readiness.json, contentType: "application/json")
    default:
      return Self.text(404, "known are /metrics, /healthz and /readyz\n")
    }
  }

  private static func text(
    _ status: Int, _ text: String, contentType: String = "text/plain; charset=utf-8",
    headers: [(String, String)] = []
  ) -> HTTPResponse {
    var all = HTTPHeaders(headers)
    all.add(name: "Content-Type", value: contentType)
    return HTTPResponse(status: status, headers: all, body: ByteBuffer(string: text))
  }
}
