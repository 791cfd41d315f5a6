import NIOCore

/// Counts the small pieces in which a client sends bodies: DATA frames of HTTP/2, chunks of HTTP/1.1.
///
/// Honest clients send some with every request: they are given back as answers are sent.
struct HTTPPieceBudget {
  private let limits: HTTP2Limits
  private var windowStart: NIODeadline
  private var tinyPieces = 0

  /// Pieces of fewer bytes are tiny.
  static let tinyBytes = 64
  /// Tiny pieces that one answer gives back.
  static let creditForAnswer = 4

  init(limits: HTTP2Limits, now: NIODeadline) {
    self.limits = limits
    windowStart = now
  }

  /// Begins a new window when the last one is over.
  mutating func roll(now: NIODeadline) {
    guard now - windowStart >= TimeAmount(limits.abuseWindow) else { return }
    self = HTTPPieceBudget(limits: limits, now: now)
  }

  /// Counts a piece of a body that is not its last; answers that there were too many.
  mutating func charge(_ bytes: Int) -> HTTPExcess? {
    guard bytes < Self.tinyBytes else { return nil }
    tinyPieces &+= 1
    guard tinyPieces > limits.maxTinyData else { return nil }
    return HTTPExcess(abuse: .tinyDataFlood, count: tinyPieces, limit: limits.maxTinyData)
  }

  mutating func creditAnswer() {
    tinyPieces = max(0, tinyPieces &- Self.creditForAnswer)
  }
}
