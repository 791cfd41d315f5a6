import HTTPTransport
import NIOCore
import struct NIOHTTP1.HTTPHeaders

/// What operators and Kubernetes ask the gateway: `/metrics`, `/healthz` and `/readyz`, on a port of their own; and
/// what is for those who may: the page, what that reads, and `/-/reload`.
final class AdminService: HTTPService {
  /// What the gateway has to say; asked for each answer.
  struct Sources: Sendable {
    var metrics: @Sendable (MetricsFormat) -> String
    var readiness: @Sendable () -> Readiness
    /// What the page shows of pipelines, as JSON.
    var pipelines: @Sendable () -> String = { "{}" }
    /// Searches in what stores keep; nil answers none.
    var select: SelectService?
    /// Shows records as they pass; nil shows none.
    var tap: Tap?
    /// What else the page asks for, and has done.
    var routes = AdminRoutes()
    var reload: Reload = { $0("the configuration cannot be read again") }
    /// Who may look.
    var policy: @Sendable () -> AdminPolicy = { AdminPolicy() }
    /// Tells who has looked.
    var audit: AdminAudit
  }

  private let metrics: [MetricsFormat: MetricsPage]
  private let pipelines: MetricsPage
  private let readiness: @Sendable () -> Readiness
  private let reload: Reload
  private let select: SelectService?
  private let tap: Tap?
  private let routes: AdminRoutes
  private let gate: AdminGate
  private let files = PageFiles.built

  /// Has the configuration read again and says what is wrong with it; nil if it is in force.
  typealias Reload = @Sendable (_ done: @escaping @Sendable (_ problem: String?) -> Void) -> Void

  /// Shows somebody records as they pass, for as long as a request is not cancelled.
  typealias Tap = @Sendable (HTTPRequest, AdminPass, HTTPResponder) -> Void

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
    tap = sources.tap
    routes = sources.routes
    gate = AdminGate(access: AdminAccess(host: host), policy: sources.policy, audit: sources.audit)
  }

  func plan(for head: inout HTTPRequestHead) -> HTTPBodyPlan {
    guard let entrance = routes[head.path]?.entrance ?? AdminPath(head.path, files: files)?.entrance else {
      return .refuse(Self.unknownPath)
    }
    return gate.plan(for: &head, entrance)
  }

  private static var unknownPath: HTTPResponse { text(404, "known are \(AdminPath.known)\n") }

  func refusal(of head: HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse {
    switch reason {
    case .tooLarge(let bytes, let limit): Self.text(413, "body of \(bytes) bytes, at most \(limit)\n")
    case .overBudget, .overAccount:
      Self.text(
        429, "the bodies of requests under way are more than \(gate.bodies.capacityBytes) bytes\n",
        headers: [("Retry-After", "1")])
    case .timedOut: Self.text(408, "body did not arrive\n")
    case .undecided: gate.unavailable(head)
    }
  }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    let head = request.head
    let pass = head.note as? AdminPass
    if let route = routes[head.path], let pass { return routes.respond(to: request, route, pass, through: responder) }
    switch (AdminPath(head.path, files: files), pass) {
    case (.metrics, _):
      metrics[MetricsFormat(acceptedBy: head.headers["accept"])]?.answer(through: responder)
    case (.health, _): responder.respond(Self.text(200, "ok\n"))
    case (.readiness, _):
      let readiness = readiness()
      responder.respond(Self.text(readiness.isReady ? 200 : 503, readiness.json, contentType: "application/json"))
    case (.file, _): responder.respond(files.answer(to: head) ?? Self.unknownPath)
    case (.pipelines, _?): pipelines.answer(through: responder)
    case (.search, let pass?):
      guard let select else { return responder.respond(Self.unknownPath) }
      select.respond(to: request, by: pass.right, through: responder) { pass.noteLook(head, query: $0) }
    case (.tap, let pass?):
      guard let tap else { return responder.respond(Self.unknownPath) }
      tap(request, pass, responder)
    case (.reload, let pass?):
      pass.noteChange(head)
      reload { problem in
        responder.respond(
          problem.map { Self.text(400, $0 + "\n") } ?? Self.text(200, "the configuration is in force\n"))
      }
    case (.pipelines, nil), (.search, nil), (.tap, nil), (.reload, nil), (nil, _): responder.respond(Self.unknownPath)
    }
  }

  static func text(
    _ status: Int, _ text: String, contentType: String = "text/plain; charset=utf-8",
    headers: [(String, String)] = []
  ) -> HTTPResponse {
    var all = HTTPHeaders(headers)
    all.add(name: "Content-Type", value: contentType)
    return HTTPResponse(status: status, headers: all, body: ByteBuffer(string: text))
  }
}
