import Access
import HTTPTransport
import LogPipeline
import Options

/// What a request asks for.
enum Route: Sendable, Equatable {
  /// `POST /v1/logs`, or what `logs_url_path` says, and the like of other signals; never of a gRPC form.
  case httpExport(Signal, RequestForm, ContentCoding)
  /// `LogsService/Export`, and the like of other signals
  case grpcExport(Signal, GRPCCall)
  /// `grpc.health.v1.Health/Check`
  case healthCheck(GRPCCall)
  /// `grpc.health.v1.Health/Watch`
  case healthWatch(GRPCCall)
  /// A request with a signal that is not taken, to be answered and dropped (config `other_signals`).
  case discard(Signal, RequestForm)

  /// Whether it brings something that is taken.
  var isExport: Bool {
    switch self {
    case .httpExport, .grpcExport: true
    case .healthCheck, .healthWatch, .discard: false
    }
  }

  /// What it brings; nil for a health check.
  var signal: Signal? {
    switch self {
    case .httpExport(let signal, _, _), .grpcExport(let signal, _), .discard(let signal, _): signal
    case .healthCheck, .healthWatch: nil
    }
  }

  /// How long the sender waits for the answer; nil if it does not say.
  var timeout: Duration? {
    switch self {
    case .httpExport, .discard: nil
    case .grpcExport(_, let call), .healthCheck(let call), .healthWatch(let call): call.timeout
    }
  }
}

/// What a request's head asks for, read once for all requests of a connection that have the same.
final class RequestAim: Sendable {
  /// Nil if the content type is none of ours.
  let form: RequestForm?
  let route: Result<Route, Refusal>
  /// The size that the body is said to have; 0 if it is not said.
  let declaredBodyBytes: Int
  /// Who sends it; nil if nobody has asked. An aim that knows is of one request alone.
  let identity: Identity?
  /// The network that it comes from, where tenants are told apart; else empty.
  let sender: [UInt8]
  /// Its tenant, as far as the head says, and who has found it; nil where tenants are not told apart.
  private let tenant: (found: Result<HeadTenant?, Refusal>, by: Tenants)?

  init(_ head: HTTPRequestHead, _ routes: Routes, _ tenants: Tenants? = nil) {
    let form = RequestForm(contentType: head.headers.first(name: "content-type"))
    self.form = form
    route = Result { () throws(Refusal) in try routes.route(head, form: form) }
    declaredBodyBytes = head.declaredBodyBytes
    identity = nil
    sender = tenants == nil ? [] : Array(head.remoteNetwork.utf8)
    tenant = tenants.map { Self.tenant(of: head, from: nil, $0) }
  }

  /// The aim of a request whose sender is known.
  init(_ aim: RequestAim, of identity: Identity, _ head: HTTPRequestHead) {
    form = aim.form
    route = aim.route
    declaredBodyBytes = aim.declaredBodyBytes
    self.identity = identity
    sender = aim.sender
    tenant = (aim.tenant?.by).map { Self.tenant(of: head, from: identity, $0) }
  }

  /// The tenant that the head names, by these rules: those of a reload may have come in between.
  func tenant(of head: HTTPRequestHead, by tenants: Tenants?) throws(Refusal) -> HeadTenant? {
    guard let tenants else { return nil }
    if let tenant, tenant.by === tenants { return try tenant.found.get() }
    return try tenants.tenant(of: head, from: identity)
  }

  private static func tenant(
    of head: HTTPRequestHead, from identity: Identity?, _ tenants: Tenants
  ) -> (found: Result<HeadTenant?, Refusal>, by: Tenants) {
    (Result { () throws(Refusal) in try tenants.tenant(of: head, from: identity) }, tenants)
  }

  /// Whether it is for known senders only where there is an authenticator: all that asks to be taken, in whatever form,
  /// but no health check and nothing that is not there for anybody.
  var isForKnownSenders: Bool {
    switch route {
    case .success(let route): route.signal != nil
    case .failure(.notFound), .failure(.otherSignal), .failure(.methodNotAllowed): false
    case .failure: true
    }
  }
}

/// Tells requests apart by content type, path and method. The same routes are served on every port, so that a sender
/// that was given the wrong port gets its logs in.
struct Routes: Sendable {
  private static let checkPath = "/grpc.health.v1.Health/Check"
  private static let watchPath = "/grpc.health.v1.Health/Watch"

  /// The signals that some pipeline is of; a list, as looking through so few takes less than a hash.
  let signals: [Signal]
  private let logsPath: String
  /// The paths of the other signals over HTTP.
  private let otherPaths: [(path: String, signal: Signal)]
  private let acceptedCodings: Set<ContentCoding>
  private let otherSignals: OtherSignals

  init(_ options: OTLPServiceOptions, taking signals: [Signal] = [.logs]) {
    self.signals = signals
    logsPath = options.logsPath
    otherPaths = [
      (options.tracesPath, .traces), (options.metricsPath, .metrics), (Signal.profiles.httpPath, .profiles),
    ]
    acceptedCodings = options.acceptedCodings
    otherSignals = options.otherSignals
  }

  func route(_ head: HTTPRequestHead, form: RequestForm?) throws(Refusal) -> Route {
    if let form, form.isGRPC { return try grpcRoute(head, form: form) }
    guard let signal = signal(atHTTP: head.path) else {
      // gRPC methods under another content type: "gRPC over HTTP2", Content-Type.
      let taken = Self.signal(atGRPC: head.path).map { signals.contains($0) } ?? false
      if taken || head.path == Self.checkPath || head.path == Self.watchPath { throw .unsupportedMediaType }
      throw .notFound(Asked(head))
    }
    guard signals.contains(signal) else { return try route(head, signal, form) }
    guard head.method == "POST" else { throw .methodNotAllowed(Asked(head)) }
    guard let form else { throw .unsupportedMediaType }
    let coding = try ContentCoding(fields: head.headers["content-encoding"], accepted: acceptedCodings)
    return .httpExport(signal, form, coding)
  }

  /// The signal that OTLP/HTTP sends to a path.
  private func signal(atHTTP path: String) -> Signal? {
    path == logsPath ? .logs : otherPaths.first { $0.path == path }?.signal
  }

  /// The signal that OTLP/gRPC sends to a method.
  private static func signal(atGRPC path: String) -> Signal? {
    path == Signal.logs.grpcPath ? .logs : Signal.allCases.first { $0.grpcPath == path }
  }

  /// The route of a signal that is not taken.
  private func route(
    _ head: HTTPRequestHead, _ signal: Signal, _ form: RequestForm?
  ) throws(Refusal) -> Route {
    guard otherSignals == .discard else { throw .otherSignal(signal) }
    guard head.method == "POST" else { throw .methodNotAllowed(Asked(head)) }
    guard let form, form != .grpcUnknown else { throw .unsupportedMediaType }
    return .discard(signal, form)
  }

  private func grpcRoute(_ head: HTTPRequestHead, form: RequestForm) throws(Refusal) -> Route {
    let signal = Self.signal(atGRPC: head.path)
    if let signal, !signals.contains(signal) { return try route(head, signal, form) }
    guard signal != nil || head.path == Self.checkPath || head.path == Self.watchPath else {
      throw .notFound(Asked(head))
    }
    guard head.method == "POST" else { throw .methodNotAllowed(Asked(head)) }
    guard form == .grpc else { throw .unsupportedMediaType }
    let call = try GRPCCall(head.headers)
    if let signal { return .grpcExport(signal, call) }
    return head.path == Self.checkPath ? .healthCheck(call) : .healthWatch(call)
  }
}
