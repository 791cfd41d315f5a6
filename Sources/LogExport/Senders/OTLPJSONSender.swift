package import Files
package import LogPipeline
package import Options

/// Sends bodies of OTLP protobuf in OTLP's JSON mapping, through a sender over HTTP.
///
/// Queues and dead letters hold protobuf all the same, so that a change of the encoding concerns nothing that waits.
package struct OTLPJSONSender: Sender {
  private let sender: any Sender
  private let signal: Signal

  /// A sender of bodies of one signal.
  package init(_ sender: any Sender, signal: Signal) {
    self.sender = sender
    self.signal = signal
  }

  package var files: [UsedFiles] { sender.files }
  package var certificateExpiry: Int? { sender.certificateExpiry }

  package func close() async { await sender.close() }

  package func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    guard case .http(let path, var headers) = route, let json = body.withUnsafeBytes({ signal.json(of: $0) }) else {
      return .failed(reason: "cannot write \(body.byteCount) bytes as JSON", retryable: false)
    }
    headers.removeAll { $0.name.lowercased() == "content-type" }
    headers.append(.init("Content-Type", "application/json"))
    return await sender.send(body.written(as: json), along: .http(path: path, headers: headers), timeout: timeout)
  }
}
