package import Files
package import LogPipeline

/// Carries bodies to one destination. Safe to use from many tasks at once.
package protocol Sender: Sendable {
  /// Sends a body once and waits for the answer, for at most `timeout`. It does not throw; cancelling the task ends it
  /// early with a failure.
  func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult
  /// Closes connections and files; nothing is sent afterwards.
  func close() async
  /// The files that it uses and has read again when they hold something else.
  var files: [UsedFiles] { get }
  /// Unix time at which the certificate ends that it shows to its destination; it has none unless it says.
  var certificateExpiry: Int? { get }
}

extension Sender {
  package var files: [UsedFiles] { [] }
  package var certificateExpiry: Int? { nil }
}

/// What came of sending a body.
package enum SendResult: Sendable {
  /// The destination answered; `wireBytes` of body were sent, after compression.
  case answered(Answer, wireBytes: Int)
  /// There is no answer. `reason` quotes neither secrets nor records; if it is not `retryable` no repetition can help.
  case failed(reason: String, retryable: Bool)
}
