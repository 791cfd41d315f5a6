import HTTPTransport
import NIOCore
import struct NIOHTTP1.HTTPHeaders

/// What operators and Kubernetes ask the gateway: `/metrics`, `/healthz` and `/readyz`, on a port of their own; and
/// what is for the same machine: the page, what that reads, and `/-/reload`.
final class AdminService: HTTPService {
  /// What the gateway has to say; asked for each answer.
  struct Sources: Sendable {
    var metrics: @Sendable (MetricsFormat) -> String
    var readiness: @Sendable () -> Readiness
    /// What the page shows of pipelines, as JSON.
    var pipelines: @Sendable () -> String = { "{}" }
    /// Searches in what stores keep; nil answers none.
    var select: SelectService?
    /// What else the page asks for, and has done.
    var routes = AdminRoutes()
    var reload: Reload = { $0("the configuration cannot be read again") }
  }

  private let metrics: [MetricsFormat: MetricsPage]
  private let pipelines: MetricsPage
  private let readiness: @Sendable () -> Readiness
  private let reload: Reload
  private let select: SelectService?
  private let routes: AdminRoutes
  private let access: AdminAccess
  private let files = PageFiles.built
  /// Admin requests have no body worth taking.
  private static let maxBodyBytes = 1024

  /// Has the configuration read again and says what is wrong with it; nil if it is in force.
  typealias Reload = @Sendable (_ done: @escaping @Sendable (_ problem: String?) -> Void) -> Void
  private static let reloadPath = "/-/reload"
  private static let pipelinesPath = "/api/pipelines"
  private static let paths = "/, /metrics, /healthz, /readyz, \(pipelinesPath), \(SelectService.prefix)query"

  /// Answers at a port that is configured with `host`.
  init(_ sources: Sources, host: String = "") {
    let formats = MetricsFormat.allCases.map { format in
      (format, MetricsPage { Self.text(200, sources.metrics(format), contentType: format.contentType) })
    }
    metrics = Dictionary(formats) { $1 }
    pipelines = MetricsPage {
      var response = Self.text(
        200, sources.pipelines(), contentType: "application/json", headers: [("Cache-Control", "no-store")])
      response.headers.add(contentsOf: AdminAccess.headers)
      return response
    }
    readiness = sources.readiness
    reload = sources.reload
    select = sources.select
    routes = sources.routes
    access = AdminAccess(host: host)
  }

  func plan(for head: inout HTTPRequestHead) -> HTTPBodyPlan {
    if head.path == Self.reloadPath { return planReload(head) }
    if isSearch(head.path) { return planSearch(head) }
    if let plan = routes.plan(for: head, access) { return plan }
    guard head.method == "GET" || head.method == "HEAD" else {
      return .refuse(Self.text(405, "only GET is answered here\n", headers: [("Allow", "GET, HEAD")]))
    }
    if isForThisMachine(head.path), let refusal = access.refusal(of: head) {
      return .refuse(Self.text(403, refusal + "\n"))
    }
    return .collect(limitBytes: Self.maxBodyBytes, budget: nil)
  }

  private func isSearch(_ path: String) -> Bool { select != nil && path.hasPrefix(SelectService.prefix) }

  private func planSearch(_ head: HTTPRequestHead) -> HTTPBodyPlan {
    if head.method != "GET" && head.method != "POST" {
      return .refuse(Self.text(405, "only GET and POST are answered here\n", headers: [("Allow", "GET, POST")]))
    }
    if let refusal = access.refusal(of: head) { return .refuse(Self.text(403, refusal + "\n")) }
    return .collect(limitBytes: SelectService.maxBodyBytes, budget: nil)
  }

  /// Whether a path is of the page or of what that reads.
  private func isForThisMachine(_ path: String) -> Bool { files[path] != nil || path == Self.pipelinesPath }

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
    case .overBudget, .overAccount, .timedOut, .undecided: Self.text(408, "body did not arrive\n")
    }
  }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    switch request.head.path {
    case "/metrics":
      metrics[MetricsFormat(acceptedBy: request.head.headers["accept"])]?.answer(through: responder)
    case Self.pipelinesPath: pipelines.answer(through: responder)
    case Self.reloadPath:
      reload { problem in
        responder.respond(
          problem.map { Self.text(400, $0 + "\n") } ?? Self.text(200, "the configuration is in force\n"))
      }
    case let path where isSearch(path): select?.respond(to: request, through: responder)
    default:
      if !routes.respond(to: request, through: responder) { responder.respond(answer(to: request.head)) }
    }
  }

  private func answer(to head: HTTPRequestHead) -> HTTPResponse {
    switch head.path {
    case "/healthz":
      return Self.text(200, "ok\n")
    case "/readyz":
      let readiness = readiness()
      return Self.text(readiness.isReady ? 200 : 503, readiness.json, contentType: "application/json")
    default:
      return files.answer(to: head)
        ?? Self.text(404, "known are \(Self.paths) and POST /-/reload\n")
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
