import HTTPTransport
import Logging
import OTLPReceiver
import Options

/// Says in the log which requests and TLS handshakes are refused, why and whose one of them was: at most once in ten
/// seconds for each kind of refusal, once a minute for each signal that is not taken.
package final class RefusalLog: Sendable {
  private struct Kind: Hashable {
    var receiver: String
    var refusal: RefusalKind?
    var signal: Signal?
    var credentials: Refusal.CredentialFault?
    var port: Int?
    var handshake: HTTPAbuse?
  }

  private let logger: Logger
  private let sampler: LineSampler<Kind>

  init(logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.logger = logger
    sampler = LineSampler(now: now)
  }

  /// Counts a refusal; writes a line if the last one of its kind is old enough.
  func count(_ refusal: Refusal, of head: HTTPRequestHead, receiver: String, port: Int? = nil) {
    var kind = Kind(receiver: receiver, refusal: refusal.kind, port: port)
    switch refusal {
    case .otherSignal(let signal): kind.signal = signal
    case .unauthenticated(let fault, _): kind.credentials = fault
    default: break
    }
    guard let unsaid = sampler.count(kind, interval: kind.signal == nil ? .seconds(10) : .seconds(60)) else { return }
    let asker = Asker(head)
    var fields: Logger.Metadata = [
      "receiver": "\(receiver)", "reason": "\(refusal.message)", "request": "\(Asked(head))", "peer": "\(asker.peer)",
      "more_since_last_line": "\(unsaid)",
    ]
    if let port { fields["port"] = "\(port)" }
    if let userAgent = asker.userAgent { fields["user_agent"] = "\(userAgent)" }
    if let detail = refusal.detail { fields["detail"] = "\(detail)" }
    if case .tenant(let refusal) = refusal, !refusal.tenant.isEmpty {
      fields["tenant"] = "\(String(decoding: refusal.tenant, as: UTF8.self).forDisplay(maxCharacters: 128))"
    }
    logger.warning("request refused", metadata: fields)
  }

  /// Counts a failed handshake likewise.
  func count(_ failure: HandshakeFailure, receiver: String) {
    let kind = Kind(receiver: receiver, port: failure.port, handshake: failure.kind)
    guard let unsaid = sampler.count(kind, interval: .seconds(10)) else { return }
    let isOfProxy = failure.kind == .badProxyHeader || failure.kind == .slowHeader
    logger.warning(
      isOfProxy ? "a trusted proxy has sent no header of the PROXY protocol" : "TLS handshake failed",
      metadata: [
        "receiver": "\(receiver)", "port": "\(failure.port)", "peer": "\(failure.peer)",
        "reason": "\(failure.kind.rawValue)", "detail": "\(failure.detail)", "more_since_last_line": "\(unsaid)",
      ])
  }
}

extension Refusal {
  /// What the log says beyond what the sender is told.
  fileprivate var detail: String? {
    switch self {
    case .unauthenticated(.missing, _): "no credentials that the port knows the kind of"
    case .unauthenticated(.wrong, _): "wrong or malformed credentials"
    case .unauthenticated(.token(let fault), _): "oidc: \(fault.rawValue)"
    case .permissionDenied(let barrier): "may not send: \(barrier.rawValue)"
    default: nil
    }
  }
}
