import Options

/// Why the gateway cannot run.
package enum GatewayError: Error, Sendable, CustomStringConvertible {
  /// A port could not be opened.
  case cannotListen(host: String, port: Int, purpose: String, cause: String)
  /// A component could not be made of its options.
  case cannotMake(component: String, cause: String)
  /// More exporters would leave a running gateway, with records in their queues, than may at once.
  case tooManyLeave(exporters: Int, limit: Int)
  /// They would hold more in memory than they may together.
  case tooMuchLeaves(bytes: Int, limitBytes: Int)

  package var description: String {
    switch self {
    case .cannotListen(let host, let port, let purpose, let cause):
      "cannot listen on \(Endpoint(host: host, port: UInt16(clamping: port))) for \(purpose): \(cause)"
    case .cannotMake(let component, let cause): "cannot make the \(component): \(cause)"
    case .tooManyLeave(let exporters, let limit):
      "\(exporters) exporters that are replaced or removed would still have records in their queues, at most \(limit)"
        + " may (service.max_leaving_exporters)"
    case .tooMuchLeaves(let bytes, let limit):
      "exporters that are replaced or removed would still hold \(bytes) bytes in memory, at most \(limit) may"
        + " (service.max_leaving_size)"
    }
  }
}
