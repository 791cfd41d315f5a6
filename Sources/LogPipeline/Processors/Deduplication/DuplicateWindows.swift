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
    /// Whose the records are.
    var tenant: [UInt8] = []
  }

  private struct Window {
    /// Tells it from the windows of the same kind of record before and after it.
    let number: Int
    var ended: Ended
    /// Requests under way that hold duplicates of it.
    var underWay = 0

    /// Counts records of its kind; returns how many bytes more are kept to be told of.
    mutating func count(_ seen: DuplicateTally.Seen, at now: UInt64) -> Int {
      ended.count += seen.duplicates
      ended.lastUnixNano = max(ended.lastUnixNano, now)
      guard ended.record.isEmpty else { return 0 }
      ended.record = seen.record
      ended.tenant = seen.tenant
      return seen.record.count
    }
  }

  private struct State {
    let intervalNano: UInt64
    /// The latest window of each kind of record.
    var windows: [DuplicateKey: Window] = [:]
    /// Windows that have ended and have something to tell, while a later one of their kind is open; by number.
    var replaced: [Int: Window] = [:]
    /// Windows that requests under way may open.
    var reserved = 0
    var lastNumber = 0
    var recordBytes = 0

    var count: Int { windows.count + replaced.count + reserved }

    init(intervalNano: UInt64) { self.intervalNano = intervalNano }

    /// Counts the records of a kind that had no open window: in a new one, unless another request has opened one since.
    mutating func open(_ seen: DuplicateTally.Seen, of key: DuplicateKey, at now: UInt64) {
      if let window = windows[key], hasEnded(window, at: now) {
        if window.ended.count > 0 || window.underWay > 0 {
          replaced[window.number] = window
        } else {
          recordBytes -= window.ended.record.count
        }
        windows[key] = nil
      }
      if windows[key] == nil {
        lastNumber += 1
        let new = Ended(count: 0, firstUnixNano: now, lastUnixNano: now, record: [])
        windows[key] = Window(number: lastNumber, ended: new)
      }
      recordBytes += windows[key]?.count(seen, at: now) ?? 0
    }

    /// Also when the clock has gone back by more than the interval.
    func hasEnded(_ window: Window, at now: UInt64) -> Bool {
      let (age, isBefore) = now.subtractingReportingOverflow(window.ended.firstUnixNano)
      return isBefore ? window.ended.firstUnixNano &- now > intervalNano : age >= intervalNano
    }
  }

  private let maxWindows: Int
  private let maxBytes: Int
  private let state: Mutex<State>

  init(intervalNano: UInt64, maxWindows: Int, maxBytes: Int) {
    state = Mutex(State(intervalNano: intervalNano))
    self.maxWindows = maxWindows
    self.maxBytes = maxBytes
  }

  /// Windows that are kept.
  var count: Int { state.withLock { $0.windows.count + $0.replaced.count } }

  /// For each record whether it is to be suppressed, and what is to be told when its request has ended.
  ///
  /// Once `maxWindows` or `maxBytes` is reached, nothing new is suppressed; windows that requests under way may open
  /// count.
  func sort(_ keys: [DuplicateKey], _ eligible: [Bool]?, at now: UInt64) -> (isDuplicate: [Bool], DuplicateTally) {
    var isDuplicate = [Bool](repeating: false, count: keys.count)
    var tally = DuplicateTally(now: now)
    state.withLock { state in
      let hasRoom = state.recordBytes < maxBytes
      for index in keys.indices where eligible?[index] ?? true {
        let key = keys[index]
        if let window = state.windows[key], !state.hasEnded(window, at: now) {
          guard hasRoom || !window.ended.record.isEmpty else { continue }
          if tally.addDuplicate(key, index, of: window.number) { state.windows[key]?.underWay += 1 }
          tally.seen[key]?.needsRecord = window.ended.record.isEmpty
          isDuplicate[index] = true
        } else if tally.seen[key] != nil {
          _ = tally.addDuplicate(key, index, of: nil)
          isDuplicate[index] = true
        } else if hasRoom && state.count < maxWindows {
          state.reserved += 1
          tally.reserved += 1
          tally.seen[key] = DuplicateTally.Seen(index: index, window: nil, needsRecord: true)
        }
      }
    }
    return (isDuplicate, tally)
  }

  /// Ends what `sort` began: counts a request's duplicates and opens windows for its first records if it was accepted.
  func settle(_ tally: DuplicateTally, isAccepted: Bool) {
    state.withLock { state in
      state.reserved -= tally.reserved
      for (key, seen) in tally.seen {
        guard let number = seen.window else {
          if isAccepted { state.open(seen, of: key, at: tally.now) }
          continue
        }
        if state.windows[key]?.number == number {
          state.windows[key]?.underWay -= 1
          if isAccepted { state.recordBytes += state.windows[key]?.count(seen, at: tally.now) ?? 0 }
        } else {
          state.replaced[number]?.underWay -= 1
          if isAccepted { state.recordBytes += state.replaced[number]?.count(seen, at: tally.now) ?? 0 }
        }
      }
    }
  }

  /// Takes out the windows that have ended by `now`, or all for nil; gives those that suppressed something.
  func takeEnded(at now: UInt64?) -> [Ended] {
    state.withLock { state in
      var ended: [Ended] = []
      for (number, window) in state.replaced where window.underWay == 0 || now == nil {
        state.replaced[number] = nil
        take(window, from: &state, into: &ended)
      }
      for (key, window) in state.windows {
        if let now, window.underWay > 0 || !state.hasEnded(window, at: now) { continue }
        state.windows[key] = nil
        take(window, from: &state, into: &ended)
      }
      return ended
    }
  }

  private func take(_ window: Window, from state: inout State, into ended: inout [Ended]) {
    state.recordBytes -= window.ended.record.count
    if window.ended.count > 0 { ended.append(window.ended) }
  }
}

/// What a request under way holds of the kinds of records that windows are about.
struct DuplicateTally: Sendable {
  /// The records of one kind.
  struct Seen: Sendable {
    /// The first of them in the batch.
    var index: Int
    /// The number of their window if it was open when the request came.
    var window: Int?
    /// Whether the window has no record to tell of yet.
    var needsRecord: Bool
    /// Records among them that are suppressed.
    var duplicates = 0
    /// One of them as an `ExportLogsServiceRequest`; empty unless it is needed.
    var record: [UInt8] = []
    /// Whose that record is.
    var tenant: [UInt8] = []
  }

  /// When the request was received, nanoseconds since 1970.
  let now: UInt64
  var seen: [DuplicateKey: Seen] = [:]
  /// Windows that may be opened for them.
  var reserved = 0

  init(now: UInt64) { self.now = now }

  /// Counts a suppressed record; true if it is the first of its kind here and its window is open.
  mutating func addDuplicate(_ key: DuplicateKey, _ index: Int, of window: Int?) -> Bool {
    if seen[key] != nil {
      seen[key]?.duplicates += 1
      return false
    }
    seen[key] = Seen(index: index, window: window, needsRecord: true, duplicates: 1)
    return true
  }
}
