import Glibc
import HTTPTransport
import LogPipeline

extension RequestContext {
  /// What a request's head says: header fields, or gRPC metadata as it was sent, and the sender's address.
  init(_ head: HTTPRequestHead) {
    self.init(clientAddress: head.remoteAddress.withoutPort, monotonicNano: Self.monotonicNano)
    for (name, value) in head.headers { addField(name, value) }
  }

  private static var monotonicNano: UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(max(now.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(now.tv_nsec, 0))
  }
}

extension String {
  /// The address of `ip:port` or `[ip]:port`; other text as it is.
  fileprivate var withoutPort: String {
    guard let colon = lastIndex(of: ":") else { return self }
    let address = self[..<colon]
    return address.first == "[" ? String(address.dropFirst().dropLast()) : String(address)
  }
}
