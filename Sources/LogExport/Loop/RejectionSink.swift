package import LogPipeline

/// Takes the records that a destination will never take, such as into a dead letter file.
package protocol RejectionSink: Sendable {
  /// Returns once the records are safe; the loop then counts them as rejected and forgets them. If it throws, it is
  /// called again after a pause, so it has to take all or none.
  func take(_ rejected: [RejectedRecords]) async throws
}

/// Records that will not be sent again, and why.
package struct RejectedRecords: Sendable {
  /// The exporter's id, such as `elasticsearch/audit`.
  package let destination: String
  /// The encoded records; without bytes if the destination rejected some of a body but did not say which.
  package let body: ExportBody
  /// As the destination gave it; it may quote a record.
  package let reason: String
  /// How often the records were sent.
  package let attempts: Int
  /// When they were first sent, in milliseconds since 1970.
  package let firstSentUnixMilliseconds: Int
  /// How the records lie in the body.
  package let format: BodyFormat
  /// Where they were sent.
  package let route: DialectRoute
}

/// Drops rejected records; the loop's own log line and counters are all that is left of them.
package struct DropRejections: RejectionSink {
  package init() {}
  package func take(_ rejected: [RejectedRecords]) {}
}
