/// Takes the records that a destination will never take, such as into a dead letter file.
package protocol RefusalSink: Sendable {
  /// Returns once the records are safe; the loop then counts them as refused and forgets them. If it throws, it is
  /// called again after a pause.
  func take(_ refused: RefusedRecords) async throws
}

/// Records that will not be sent again, and why.
package struct RefusedRecords: Sendable {
  /// The exporter's id, such as `elasticsearch/audit`.
  package let destination: String
  /// The encoded records; without bytes if the destination refused some of a body but did not say which.
  package let body: ExportBody
  /// As the destination gave it; it may quote a record.
  package let reason: String
  /// How often the records were sent.
  package let attempts: Int

  package init(destination: String, body: ExportBody, reason: String, attempts: Int) {
    self.destination = destination
    self.body = body
    self.reason = reason
    self.attempts = attempts
  }
}

/// Drops refused records; the loop's own log line and counters are all that is left of them.
package struct DropRefusals: RefusalSink {
  package init() {}
  package func take(_ refused: RefusedRecords) {}
}
