import NIOCore

/// What a connection is told from outside its bytes, as a user event down the pipeline.
enum HTTPConnectionEvent: Sendable {
  /// Time has passed: look at the deadlines.
  case tick
  /// The connection is old: finish what is in flight, take no more than is needed for that, close.
  case tooOld
  /// The server shuts down: as `tooOld`, and close soon (`partingTime`) when nothing comes.
  case drain
  /// The connection is closed in a moment: what can be answered of what is still waited for is answered now.
  case lastCall

  /// How long after `drain` a connection without a request stays open for one that may be on its way.
  static let partingTime = TimeAmount.seconds(1)
}
