import HTTPTransport
import Options

/// An address to listen on, and for whom.
struct Port: Sendable {
  /// Whom a port is for.
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
  let options: HTTPServerOptions
  let service: any HTTPService

  /// The address that is asked for.
  var endpoint: Endpoint { options.endpoint }
}

extension HTTPServerOptions {
  /// The address that is asked for.
  var endpoint: Endpoint { Endpoint(host: host, port: UInt16(clamping: port)) }
}

/// A port that the gateway listens on.
struct OpenPort: Sendable {
  let purpose: Port.Purpose
  /// The address that was asked for.
  let endpoint: Endpoint
  let server: HTTPServer

  /// Whether it is what another configuration asks for.
  func isFor(_ port: Port) -> Bool { purpose == port.purpose && endpoint == port.endpoint }
}
