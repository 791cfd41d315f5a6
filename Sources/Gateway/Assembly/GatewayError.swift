import Options

/// Why the gateway cannot run.
package enum GatewayError: Error, Sendable, CustomStringConvertible {
  /// A port could not be opened.
  case cannotListen(host: String, port: Int, purpose: String, cause: String)
  /// A component could not be made of its options.
  case cannotMake(component: String, cause: String)

  package var description: String {
    switch self {
    case .cannotListen(let host, let port, let purpose, let cause):
      "cannot listen on \(Endpoint(host: host, port: UInt16(clamping: port))) for \(purpose): \(cause)"
    case .cannotMake(let component, let cause): "cannot make the \(component): \(cause)"
    }
  }
}
