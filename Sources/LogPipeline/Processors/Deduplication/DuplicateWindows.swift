import Synchronization

/// The windows in which duplicates are suppressed, each from the first record of its kind until `interval` later.
///
/// A window opens when the request with its first record has been accepted, so that no record is suppressed in favour
/// of one that was refused. While requests with duplicates of a window are under way it stays, so that what they
/// suppress is counted if they are accepted, and not if they are refused.
final class DuplicateWindows: Sendable {
  /// A window's kind of record and how often it was suppressed.
  struct Ended: Sendable {
    /// Records suppressed.
    var count: Int
    /// When the first and the last of the window's records were received, nanoseconds since 1970.
    var firstUnixNano: UInt64
    var lastUnixNano: UInt64
    /// One of the suppressed records, as an `ExportLogsServiceRequest`.
    var record: [UInt8]
  }

  private struct Window {
    var ended: Ended
    /// Requests under way that hold duplicates of it.
    var underWay = 0
  }

  private struct State {
    var windows: [DuplicateKey: Window] = [:]
    var recordBytes = 0
  }

  private let intervalNano: UInt64
  private let maxWindows: Int
  private let maxBytes: Int
  private let state = Mutex(State())

  init(intervalNano: UInt64, maxWindows: Int, maxBytes: Int) {
    self.intervalNano = intervalNano
    self.maxWindows = maxWindows
    self.maxBytes = maxBytes
  }

  /// Windows that are open.
  var count: Int { state.withLock { $0.windows.count } }

  /// For each record whether it is to be suppressed, and what is to be told when its request has ended.
  ///
  /// Once `maxWindows` or `maxBytes` is reached, nothing new is suppressed.
  func sort(_ keys: [DuplicateKey], _ eligible: [Bool]?, at now: UInt64) -> (isDuplicate: [Bool], DuplicateTally) {
    var isDuplicate = [Bool](repeating: false, count: keys.count)
    var tally = DuplicateTally(now: now)
    state.withLock { state in
      let hasRoom = state.recordBytes < maxBytes
      for index in keys.indices where eligible?[index] ?? true {
        let key = keys[index]
        if let window = state.windows[key], !hasEnded(window, at: now) {
          guard hasRoom || !window.ended.record.isEmpty else { continue }
          if tally.addDuplicate(key, index) { state.windows[key]?.underWay += 1 }
          tally.seen[key]?.needsRecord = window.ended.record.isEmpty
          isDuplicate[index] = true
        } else if tally.seen[key] != nil {
          _ = tally.addDuplicate(key, index)
          isDuplicate[index] = true
        } else if hasRoom && (state.windows[key] != nil || state.windows.count + tally.newKinds < maxWindows) {
          if state.windows[key] == nil { tally.newKinds += 1 }
          tally.seen[key] = DuplicateTally.Seen(index: index, isOpen: false, needsRecord: true)
        }
      }
    }
    return (isDuplicate, tally)
  }

  /// Ends what `sort` began: counts a request's duplicates and opens windows for its first records if it was accepted.
  func settle(_ tally: DuplicateTally, isAccepted: Bool) {
    state.withLock { state in
      for (key, seen) in tally.seen {
        if seen.isOpen { state.windows[key]?.underWay -= 1 }
        if isAccepted { count(seen, of: key, at: tally.now, in: &state) }
      }
    }
  }

  private func count(_ seen: DuplicateTally.Seen, of key: DuplicateKey, at now: UInt64, in state: inout State) {
    let new = Ended(count: 0, firstUnixNano: now, lastUnixNano: now, record: [])
    var window = state.windows[key] ?? Window(ended: new)
    window.ended.count += seen.duplicates
    window.ended.lastUnixNano = max(window.ended.lastUnixNano, now)
    if window.ended.record.isEmpty {
      window.ended.record = seen.record
      state.recordBytes += seen.record.count
    }
    state.windows[key] = window
  }

  /// Takes out the windows that have ended by `now`, or all for nil; gives those that suppressed something.
  func takeEnded(at now: UInt64?) -> [Ended] {
    state.withLock { state in
      var ended: [Ended] = []
      for (key, window) in state.windows where now.map({ hasEnded(window, at: $0) && window.underWay == 0 }) ?? true {
        state.windows[key] = nil
        state.recordBytes -= window.ended.record.count
        if window.ended.count > 0 { ended.append(window.ended) }
      }
      return ended
    }
  }

  /// Also when the clock has gone back by more than the interval.
  private func hasEnded(_ window: Window, at now: UInt64) -> Bool {
    let (age, isBefore) = now.subtractingReportingOverflow(window.ended.firstUnixNano)
    return isBefore ? window.ended.firstUnixNano &- now > intervalNano : age >= intervalNano
  }
}

/// What a request under way holds of the kinds of records that windows are about.
struct DuplicateTally: Sendable {
  /// The records of one kind.
  struct Seen: Sendable {
    /// The first of them in the batch.
    var index: Int
    /// Whether their window was open when the request came.
    var isOpen: Bool
    /// Whether the window has no record to tell of yet.
    var needsRecord: Bool
    /// Records among them that are suppressed.
    var duplicates = 0
    /// One of them as an `ExportLogsServiceRequest`; empty unless it is needed.
    var record: [UInt8] = []
  }

  /// When the request was received, nanoseconds since 1970.
  let now: UInt64
  var seen: [DuplicateKey: Seen] = [:]
  /// Kinds among them that have no window yet.
  var newKinds = 0

  init(now: UInt64) { self.now = now }

  /// Counts a suppressed record; true if it is the first of its kind here and its window is open.
  mutating func addDuplicate(_ key: DuplicateKey, _ index: Int) -> Bool {
    if seen[key] != nil {
      seen[key]?.duplicates += 1
      return false
    }
    seen[key] = Seen(index: index, isOpen: true, needsRecord: true, duplicates: 1)
    return true
  }
}
