/// Hears of records that were accepted and are not sent.
package protocol DropSink: Sendable {
  /// Whether it wants the records too, as they would have been sent.
  var keepsRecords: Bool { get }
  /// Takes what of a request is not sent: how many records for which reason, and those that were kept. Never waits.
  func take(_ counts: DroppedCounts, _ kept: [DroppedRecord])
  /// Hears of records that were thrown out of the queue for newer ones. Never waits.
  func takeEvicted(_ records: Int)
}
