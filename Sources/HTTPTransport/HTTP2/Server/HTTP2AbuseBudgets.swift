// decision: docs/decisions/0003-http2-engine.md

import NIOCore

/// Counts the frames by which a client makes a server work for nothing; each kind has its own budget.
///
/// Frames that honest clients send in proportion to answers (PING to measure bandwidth, WINDOW_UPDATE, PRIORITY, small
/// pieces of a body) are given back as answers are sent.
struct HTTP2AbuseBudgets {
  private let limits: HTTP2Limits
  private var windowStart: NIODeadline
  private var resets = 0
  private var pings = 0
  private var settings = 0
  private var emptyData = 0
  private var pieces: HTTPPieceBudget
  private var headerBytes = 0
  private var continuations = 0
  private var priorities = 0
  private var windowUpdates = 0
  private var goAways = 0
  private var unknownFrames = 0

  init(limits: HTTP2Limits, now: NIODeadline) {
    self.limits = limits
    windowStart = now
    pieces = HTTPPieceBudget(limits: limits, now: now)
  }

  /// Begins a new window when the last one is over.
  mutating func roll(now: NIODeadline) {
    guard now - windowStart >= TimeAmount(limits.abuseWindow) else { return }
    let openContinuations = continuations
    self = HTTP2AbuseBudgets(limits: limits, now: now)
    continuations = openContinuations
  }

  /// Counts a frame of the client; answers the budget it goes over.
  mutating func charge(_ frame: HTTP2Frame) -> HTTPExcess? {
    switch frame.type {
    case HTTP2Frame.data:
      return chargeData(frame)
    case HTTP2Frame.headers:
      continuations = 0
      return chargeHeaders(frame.length)
    case HTTP2Frame.continuation:
      return Self.spend(&continuations, limits.maxContinuations, .continuationFlood) ?? chargeHeaders(frame.length)
    case HTTP2Frame.resetStream:
      return Self.spend(&resets, limits.maxResets, .rapidReset)
    case HTTP2Frame.ping:
      return Self.spend(&pings, limits.maxPings, .pingFlood)
    case HTTP2Frame.settings:
      return frame.has(HTTP2Frame.ack) ? nil : Self.spend(&settings, limits.maxSettings, .settingsFlood)
    case HTTP2Frame.priority, HTTP2Frame.priorityUpdate:
      return Self.spend(&priorities, limits.maxPriorities, .priorityFlood)
    case HTTP2Frame.windowUpdate:
      return Self.spend(&windowUpdates, limits.maxWindowUpdates, .windowUpdateFlood)
    case HTTP2Frame.goAway:
      return Self.spend(&goAways, limits.maxGoAways, .goAwayFlood)
    case let type where type > HTTP2Frame.continuation:
      return Self.spend(&unknownFrames, limits.maxUnknownFrames, .unknownFrameFlood)
    default:
      return nil
    }
  }

  private mutating func chargeData(_ frame: HTTP2Frame) -> HTTPExcess? {
    if frame.has(HTTP2Frame.endStream) { return nil }
    if frame.dataBytes == 0 { return Self.spend(&emptyData, limits.maxEmptyData, .emptyDataFlood) }
    return pieces.charge(frame.dataBytes)
  }

  /// Counts bytes of header fields, of which an entry of the table makes many out of one.
  mutating func chargeHeaders(_ bytes: Int) -> HTTPExcess? {
    headerBytes = headerBytes.addingReportingOverflow(bytes).overflow ? .max : headerBytes &+ bytes
    let limit = limits.maxUnansweredHeaderBytes
    return headerBytes > limit ? HTTPExcess(abuse: .headerFlood, count: headerBytes, limit: limit) : nil
  }

  /// Counts a stream that the server had to reset for a fault of the client (CVE-2025-8671): it cancels as
  /// RST_STREAM does.
  mutating func chargeInducedReset() -> HTTPExcess? {
    Self.spend(&resets, limits.maxResets, .rapidReset)
  }

  /// Gives back what a client may have spent on one answer, to a request whose decoded header fields were so long.
  mutating func creditAnswer(headerBytes answered: Int) {
    pings = max(0, pings &- 1)
    priorities = max(0, priorities &- 1)
    unknownFrames = max(0, unknownFrames &- 1)
    pieces.creditAnswer()
    // As received they are no longer than decoded.
    headerBytes = max(0, headerBytes &- answered &* 2)
  }

  /// Gives back what a client may have spent on one frame of an answer.
  mutating func creditAnswerFrame() {
    windowUpdates = max(0, windowUpdates &- 4)
  }

  private static func spend(_ count: inout Int, _ limit: Int, _ abuse: HTTPAbuse) -> HTTPExcess? {
    count &+= 1
    return count > limit ? HTTPExcess(abuse: abuse, count: count, limit: limit) : nil
  }
}
