import Glibc
import HTTPTransport
import LogPipeline

extension RequestContext {
  /// What a request's head says: header fields, or gRPC metadata as it was sent, the sender's address, and what
  /// authentication knows of the sender.
  init(_ head: HTTPRequestHead) {
    self.init(clientAddress: head.remoteHost, monotonicNano: Self.now)
    for (name, value) in head.headers { addField(name, value) }
    guard let identity = (head.note as? RequestAim)?.identity else { return }
    for (name, value) in identity.attributes { addClaim(name, value) }
    if let tenant = identity.tenant { addClaim("tenant", tenant) }
  }

  /// By a clock in nanoseconds that never goes back.
  static var now: UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(max(now.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(now.tv_nsec, 0))
  }
}
