import HTTPTransport
import Options

/// A port that the gateway listens on.
struct OpenPort: Sendable {
  /// Whom the port is for.
  enum Purpose: Sendable, Equatable, CustomStringConvertible {
    case receiver(String)
    case admin

    var description: String {
      switch self {
      case .receiver(let id): "receiver \(id)"
      case .admin: "metrics and health"
      }
    }
  }

  let purpose: Purpose
  /// The address that was asked for.
  let endpoint: Endpoint
  let server: HTTPServer
}
