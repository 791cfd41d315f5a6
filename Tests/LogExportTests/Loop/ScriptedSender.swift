import FrameQueues
import LogExport
import LogPipeline
import Logging
import Synchronization

/// A sender for tests: a closure answers, and what was sent is kept.
final class ScriptedSender: Sender {
  private struct State {
    var sent: [[Int]] = []
    var inFlight = 0
    var mostInFlight = 0
  }

  private let state = Mutex(State())
  private let answer: @Sendable (_ numbers: [Int], _ call: Int) async -> SendResult

  init(_ answer: @escaping @Sendable (_ numbers: [Int], _ call: Int) async -> SendResult) { self.answer = answer }

  /// The numbers of every body sent, in order.
  var sent: [[Int]] { state.withLock { $0.sent } }
  var inFlight: Int { state.withLock { $0.inFlight } }
  var mostInFlight: Int { state.withLock { $0.mostInFlight } }

  func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    let numbers = numbers(body.bytes)
    let call = state.withLock { state in
      state.sent.append(numbers)
      state.inFlight += 1
      state.mostInFlight = max(state.mostInFlight, state.inFlight)
      return state.sent.count
    }
    let result = await answer(numbers, call)
    state.withLock { $0.inFlight -= 1 }
    return result
  }

  func close() async {}
}

extension SendResult {
  static func status(_ status: Int, _ letters: String = "", retryAfter: Duration? = nil) -> SendResult {
    .answered(Answer(.http(status), retryAfter: retryAfter, body: Array(letters.utf8)), wireBytes: 1)
  }
}

/// Holds senders until it is opened.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func pass() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOpen = state.withLock { state in
          if !state.isOpen { state.waiters.append(continuation) }
          return state.isOpen
        }
        if isOpen { continuation.resume() }
      }
    } onCancel: {
      open()
    }
  }

  func open() {
    let waiters = state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}

/// Keeps what is rejected; throws for the first `failures` calls, and after that while it `isBroken`.
final class KeptRejections: RejectionSink {
  struct Failure: Error {}

  private struct State {
    var kept: [RejectedRecords] = []
    var failures: Int
    var isBroken = false
    var calls = 0
  }

  private let state: Mutex<State>

  init(failures: Int = 0) { state = Mutex(State(failures: failures)) }

  var kept: [RejectedRecords] { state.withLock { $0.kept } }
  var numbers: [Int] { kept.flatMap { LogExportTests.numbers($0.body.bytes) } }

  /// How often it was called.
  var calls: Int { state.withLock { $0.calls } }

  var isBroken: Bool {
    get { state.withLock { $0.isBroken } }
    set { state.withLock { $0.isBroken = newValue } }
  }

  func take(_ rejected: [RejectedRecords]) async throws {
    try state.withLock { state in
      state.calls += 1
      if state.isBroken { throw Failure() }
      if state.failures > 0 {
        state.failures -= 1
        throw Failure()
      }
      state.kept += rejected
    }
  }
}

/// Keeps log lines as text.
final class KeptLog: Sendable {
  private let state = Mutex<[String]>([])
  var lines: [String] { state.withLock { $0 } }
  func keep(_ line: String) { state.withLock { $0.append(line) } }

  var logger: Logger { Logger(label: "test") { _ in KeptLogHandler(log: self) } }
}

struct KeptLogHandler: LogHandler {
  let log: KeptLog
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  init(log: KeptLog) { self.log = log }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    log.keep("\(event.level) \(event.message) \(event.metadata ?? [:])")
  }
}
