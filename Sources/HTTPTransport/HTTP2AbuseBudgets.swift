import NIOCore

/// A budget that a client went over: what, how often, and how often is allowed.
struct HTTP2Excess: Error, Equatable, CustomStringConvertible {
  let abuse: HTTPAbuse
  let count: Int
  let limit: Int

  var description: String { "\(abuse.rawValue): \(count) exceeds the limit of \(limit)" }
}

/// Counts the frames by which a client makes a server work for nothing; each kind has its own budget.
///
/// Frames that honest clients send in proportion to answers (PING to measure bandwidth, small WINDOW_UPDATE,
/// PRIORITY) are given back as answers are sent.
struct HTTP2AbuseBudgets {
  private let limits: HTTP2Limits
  private var windowStart: NIODeadline
  private var resets = 0
  private var pings = 0
  private var settings = 0
  private var emptyData = 0
  private var continuations = 0
  private var priorities = 0
  private var tinyWindowUpdates = 0

  /// WINDOW_UPDATE increments below this are tiny.
  static let tinyIncrementBytes = 256

  init(limits: HTTP2Limits, now: NIODeadline) {
    self.limits = limits
    windowStart = now
  }

  /// Begins a new window when the last one is over.
  mutating func roll(now: NIODeadline) {
    guard now - windowStart >= TimeAmount(limits.abuseWindow) else { return }
    let openContinuations = continuations
    self = HTTP2AbuseBudgets(limits: limits, now: now)
    continuations = openContinuations
  }

  /// Counts a frame of the client; answers the budget it goes over.
  mutating func charge(_ frame: HTTP2Frame) -> HTTP2Excess? {
    switch frame.type {
    case HTTP2Frame.resetStream:
      return Self.spend(&resets, limits.maxResets, .rapidReset)
    case HTTP2Frame.ping:
      return Self.spend(&pings, limits.maxPings, .pingFlood)
    case HTTP2Frame.settings:
      return frame.has(HTTP2Frame.ack) ? nil : Self.spend(&settings, limits.maxSettings, .settingsFlood)
    case HTTP2Frame.data where frame.length == 0 && !frame.has(HTTP2Frame.endStream):
      return Self.spend(&emptyData, limits.maxEmptyData, .emptyDataFlood)
    case HTTP2Frame.headers:
      continuations = 0
      return nil
    case HTTP2Frame.continuation:
      return Self.spend(&continuations, limits.maxContinuations, .continuationFlood)
    case HTTP2Frame.priority:
      return Self.spend(&priorities, limits.maxPriorities, .priorityFlood)
    case HTTP2Frame.windowUpdate where frame.windowIncrement < UInt32(Self.tinyIncrementBytes):
      return Self.spend(&tinyWindowUpdates, limits.maxTinyWindowUpdates, .windowUpdateFlood)
    default:
      return nil
    }
  }

  /// Counts a stream that the server had to reset for a fault of the client (CVE-2025-8671): it cancels as
  /// RST_STREAM does.
  mutating func chargeInducedReset() -> HTTP2Excess? {
    Self.spend(&resets, limits.maxResets, .rapidReset)
  }

  /// Gives back what a client may have spent on one answer.
  mutating func creditAnswer() {
    pings = max(0, pings &- 1)
    tinyWindowUpdates = max(0, tinyWindowUpdates &- 4)
    priorities = max(0, priorities &- 1)
  }

  private static func spend(_ count: inout Int, _ limit: Int, _ abuse: HTTPAbuse) -> HTTP2Excess? {
    count &+= 1
    return count > limit ? HTTP2Excess(abuse: abuse, count: count, limit: limit) : nil
  }
}
