import Access
import HTTPTransport
import LogPipeline
import Options

/// What a request asks for.
enum Route: Sendable, Equatable {
  /// `POST /v1/logs`, or what `logs_url_path` says; never of a gRPC form.
  case httpExport(RequestForm, ContentCoding)
  /// `LogsService/Export`
  case grpcExport(GRPCCall)
  /// `grpc.health.v1.Health/Check`
  case healthCheck(GRPCCall)
  /// `grpc.health.v1.Health/Watch`
  case healthWatch(GRPCCall)
  /// A request with another signal, to be answered and dropped (config `other_signals`).
  case discard(OtherSignal, RequestForm)

  /// Whether it brings logs.
  var isExport: Bool {
    switch self {
    case .httpExport, .grpcExport: true
    case .healthCheck, .healthWatch, .discard: false
    }
  }

  /// What it brings; nil for a health check.
  var signal: Signal? {
    switch self {
    case .httpExport, .grpcExport: .logs
    case .discard(let other, _): other.signal
    case .healthCheck, .healthWatch: nil
    }
  }

  /// How long the sender waits for the answer; nil if it does not say.
  var timeout: Duration? {
    switch self {
    case .httpExport, .discard: nil
    case .grpcExport(let call), .healthCheck(let call), .healthWatch(let call): call.timeout
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
  /// Its tenant, as far as the head says, and who has found it.
  private let tenant: (found: Result<HeadTenant?, Refusal>, by: Tenants?)

  init(_ head: HTTPRequestHead, _ routes: Routes, _ tenants: Tenants? = nil) {
    let form = RequestForm(contentType: head.headers.first(name: "content-type"))
    self.form = form
    route = Result { () throws(Refusal) in try routes.route(head, form: form) }
    declaredBodyBytes = head.declaredBodyBytes
    identity = nil
    tenant = Self.tenant(of: head, from: nil, tenants)
  }

  /// The aim of a request whose sender is known.
  init(_ aim: RequestAim, of identity: Identity, _ head: HTTPRequestHead) {
    form = aim.form
    route = aim.route
    declaredBodyBytes = aim.declaredBodyBytes
    self.identity = identity
    tenant = Self.tenant(of: head, from: identity, aim.tenant.by)
  }

  /// The tenant that the head names, by these rules: those of a reload may have come in between.
  func tenant(of head: HTTPRequestHead, by tenants: Tenants?) throws(Refusal) -> HeadTenant? {
    let current = tenant.by === tenants ? tenant : Self.tenant(of: head, from: identity, tenants)
    return try current.found.get()
  }

  private static func tenant(
    of head: HTTPRequestHead, from identity: Identity?, _ tenants: Tenants?
  ) -> (found: Result<HeadTenant?, Refusal>, by: Tenants?) {
    (Result { () throws(Refusal) in try tenants?.tenant(of: head, from: identity) }, tenants)
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
  static let logsService = "opentelemetry.proto.collector.logs.v1.LogsService"
  private static let exportPath = "/\(logsService)/Export"
  private static let checkPath = "/grpc.health.v1.Health/Check"
  private static let watchPath = "/grpc.health.v1.Health/Watch"

  let logsPath: String
  let acceptedCodings: Set<ContentCoding>
  let otherSignals: OtherSignals

  func route(_ head: HTTPRequestHead, form: RequestForm?) throws(Refusal) -> Route {
    if let form, form.isGRPC { return try grpcRoute(head, form: form) }
    switch head.path {
    case logsPath:
      guard head.method == "POST" else { throw .methodNotAllowed(Asked(head)) }
      guard let form else { throw .unsupportedMediaType }
      return .httpExport(form, try ContentCoding(fields: head.headers["content-encoding"], accepted: acceptedCodings))
    // gRPC methods under another content type: "gRPC over HTTP2", Content-Type.
    case Self.exportPath, Self.checkPath, Self.watchPath: throw .unsupportedMediaType
    default:
      guard let signal = OtherSignal(httpPath: head.path) else { throw .notFound(Asked(head)) }
      return try route(head, signal, form)
    }
  }

  private func route(
    _ head: HTTPRequestHead, _ signal: OtherSignal, _ form: RequestForm?
  ) throws(Refusal) -> Route {
    guard otherSignals == .discard else { throw .otherSignal(signal) }
    guard head.method == "POST" else { throw .methodNotAllowed(Asked(head)) }
    guard let form, form != .grpcUnknown else { throw .unsupportedMediaType }
    return .discard(signal, form)
  }

  private func grpcRoute(_ head: HTTPRequestHead, form: RequestForm) throws(Refusal) -> Route {
    guard head.path == Self.exportPath || head.path == Self.checkPath || head.path == Self.watchPath else {
      guard let signal = OtherSignal(grpcPath: head.path) else { throw .notFound(Asked(head)) }
      return try route(head, signal, form)
    }
    guard head.method == "POST" else { throw .methodNotAllowed(Asked(head)) }
    guard form == .grpc else { throw .unsupportedMediaType }
    let call = try GRPCCall(head.headers)
    switch head.path {
    case Self.exportPath: return .grpcExport(call)
    case Self.checkPath: return .healthCheck(call)
    default: return .healthWatch(call)
    }
  }
}
