import HTTPTransport
import Options

extension Endpoint {
  /// Whether listening on both would fail: the same port, which the system did not choose, of the same interface.
  func overlaps(_ other: Endpoint) -> Bool {
    guard port != 0, port == other.port else { return false }
    return ListenHost(host).overlaps(ListenHost(other.host))
  }
}
