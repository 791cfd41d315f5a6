/// Keeps records that were not sent because their destination would refuse or lose them.
package protocol DropSink: Sendable {
  /// Takes records of a request that was accepted; never waits.
  func take(_ dropped: [DroppedRecord])
}
