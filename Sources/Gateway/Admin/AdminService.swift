import HTTPTransport
import NIOCore
import struct NIOHTTP1.HTTPHeaders

/// What operators and Kubernetes ask the gateway: `/metrics`, `/healthz` and `/readyz`, on a port of their own; and
/// what they ask of it from the same machine: `/-/reload`.
final class AdminService: HTTPService {
  private let pages: [MetricsFormat: MetricsPage]
  private let readiness: @Sendable () -> Readiness
  private let reload: Reload
  /// Admin requests have no body worth taking.
  private static let maxBodyBytes = 1024

  /// Has the configuration read again and says what is wrong with it; nil if it is in force.
  typealias Reload = @Sendable (_ done: @escaping @Sendable (_ problem: String?) -> Void) -> Void
  private static let reloadPath = "/-/reload"

  init(
    metrics: @escaping @Sendable (MetricsFormat) -> String, readiness: @escaping @Sendable () -> Readiness,
    reload: @escaping Reload = { $0("the configuration cannot be read again") }
  ) {
    let pages = MetricsFormat.allCases.map { format in
      (format, MetricsPage { Self.text(200, metrics(format), contentType: format.contentType) })
    }
    self.pages = Dictionary(pages) { $1 }
    self.readiness = readiness
    self.reload = reload
  }

  func plan(for head: inout HTTPRequestHead) -> HTTPBodyPlan {
    if head.path == Self.reloadPath { return planReload(head) }
    if head.method == "GET" || head.method == "HEAD" { return .collect(limitBytes: Self.maxBodyBytes, budget: nil) }
    return .refuse(Self.text(405, "only GET is answered here\n", headers: [("Allow", "GET, HEAD")]))
  }

  private func planReload(_ head: HTTPRequestHead) -> HTTPBodyPlan {
    if head.method != "POST" {
      return .refuse(Self.text(405, "only POST is answered here\n", headers: [("Allow", "POST")]))
    }
    if !Self.isLoopback(head.remoteAddress) {
      return .refuse(Self.text(403, "a reload is asked for from this machine only\n"))
    }
    if head.headers.contains(name: "origin") {
      return .refuse(Self.text(403, "a reload is not asked for by a page in a browser (Origin)\n"))
    }
    return .collect(limitBytes: Self.maxBodyBytes, budget: nil)
  }

  /// Whether an address as `ip:port` is of this machine.
  static func isLoopback(_ address: String) -> Bool {
    address.hasPrefix("127.") || address.hasPrefix("[::1]:") || address.hasPrefix("[::ffff:127.")
  }

  func refusal(of head: HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse {
    switch reason {
    case .tooLarge(let bytes, let limit): Self.text(413, "body of \(bytes) bytes, at most \(limit)\n")
    case .overBudget, .timedOut, .undecided: Self.text(408, "body did not arrive\n")
    }
  }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    switch request.head.path {
    case "/metrics":
      pages[MetricsFormat(acceptedBy: request.head.headers["accept"])]?.answer(through: responder)
    case Self.reloadPath:
      reload { problem in
        responder.respond(
          problem.map { Self.text(400, $0 + "\n") } ?? Self.text(200, "the configuration is in force\n"))
      }
    default: responder.respond(answer(to: request.head.path))
    }
  }

  private func answer(to path: String) -> HTTPResponse {
    switch path {
    case "/healthz":
      return Self.text(200, "ok\n")
    case "/readyz":
      let readiness = readiness()
      return Self.text(readiness.isReady ? 200 : 503, readiness.json, contentType: "application/json")
    default:
      return Self.text(404, "known are /metrics, /healthz, /readyz and POST /-/reload\n")
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
