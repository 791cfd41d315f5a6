import HTTPTransport
import Options

/// A port that the gateway listens on.
struct OpenPort: Sendable {
  /// Whom the port is for.
  enum Purpose: Sendable, Equatable, CustomStringConvertible {
    case receiver(String)
    case admin
    case `extension`(String)

    var description: String {
      switch self {
      case .receiver(let id): "receiver \(id)"
      case .admin: "metrics and health"
      case .extension(let id): "extension \(id)"
      }
    }

    /// Whether requests with records come over it.
    var isOfSenders: Bool {
      if case .receiver = self { true } else { false }
    }
  }

  let purpose: Purpose
  /// The address that was asked for.
  let endpoint: Endpoint
  let server: HTTPServer

  /// Whether it is what a configuration asks for.
  func isFor(_ port: WantedPort) -> Bool { purpose == port.purpose && endpoint == port.endpoint }
}

/// A port that a configuration asks for.
struct WantedPort: Sendable {
  let purpose: OpenPort.Purpose
  let options: HTTPServerOptions
  let service: any HTTPService

  var endpoint: Endpoint { options.endpoint }
}

extension HTTPServerOptions {
  /// The address that is asked for.
  var endpoint: Endpoint { Endpoint(host: host, port: UInt16(clamping: port)) }
}
