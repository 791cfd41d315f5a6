import Glibc
import Logging

/// The service manager that started the process and waits for word of it: systemd, told by datagrams as sd_notify(3)
/// has them.
///
/// Nothing waits for it and nothing fails with it: what its socket does not take at once is tried again, in order,
/// while the gateway goes on.
final class Supervisor: Sendable {
  /// What the service manager may be told.
  enum Word: Sendable {
    /// Requests are taken; with a line for those who ask for the status.
    case ready(status: String)
    /// The configuration is read again; `ready` follows.
    case reloading
    /// The end has begun, and takes so long at most.
    case stopping(within: Duration)
    /// All that has to turn does; for its watchdog.
    case alive
  }

  private let socket: NotifySocket
  private let words: AsyncStream<Word>
  private let queue: AsyncStream<Word>.Continuation
  /// Within this time it wants to hear that the process is alive; nil if it does not ask.
  let watchdog: Duration?

  /// How many words wait for its socket; then the oldest are given up.
  private static let maxWaiting = 16
  /// How long a word that the socket has no room for rests before it is tried again.
  private static let pause = Duration.milliseconds(50)
  /// However soon, or late, the watchdog wants to hear.
  private static let shortestBeat = Duration.milliseconds(10)
  private static let longestBeat = Duration.seconds(3600)

  /// Nil if the environment names nobody who waits for word.
  init?(_ environment: (String) -> String?) {
    guard let name = environment("NOTIFY_SOCKET"), let socket = NotifySocket(name) else { return nil }
    self.socket = socket
    watchdog = Self.watchdog(environment)
    (words, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.maxWaiting))
  }

  /// The time of `WATCHDOG_USEC`, if it is meant for this process.
  private static func watchdog(_ environment: (String) -> String?) -> Duration? {
    if let process = environment("WATCHDOG_PID"), process != "\(getpid())" { return nil }
    guard let time = environment("WATCHDOG_USEC").flatMap({ Int64($0) }), time > 0 else { return nil }
    return .microseconds(time)
  }

  /// Leaves word, to be sent by `run`.
  func tell(_ word: Word) { queue.yield(word) }

  /// Sends what is told until the task is cancelled; and, as often as the watchdog asks, once `turn` has returned, that
  /// the process is alive.
  func run(_ logger: Logger, turn: @escaping @Sendable () async -> Void) async {
    async let beats: Void = beat(turn)
    var isHeard = true
    for await word in words {
      let failure = await send(word.text)
      if let failure, isHeard {
        logger.warning("the service manager does not hear", metadata: ["error": "\(failure)"])
      }
      isHeard = failure == nil
    }
    await beats
  }

  private func beat(_ turn: () async -> Void) async {
    guard let watchdog else { return }
    while !Task.isCancelled {
      await turn()
      // What the socket does not take here is as good as the next one.
      _ = socket.send(Word.alive.text)
      try? await Task.sleep(for: min(max(watchdog / 2, Self.shortestBeat), Self.longestBeat))
    }
  }

  /// Sends until the socket has room; nil once it is sent, else why nobody takes it.
  private func send(_ text: String) async -> String? {
    while true {
      switch socket.send(text) {
      case .sent: return nil
      case .failed(let number): return String(cString: strerror(number))
      case .full: do { try await Task.sleep(for: Self.pause) } catch { return "it takes nothing" }
      }
    }
  }
}

extension Supervisor.Word {
  /// The word as sd_notify(3) has it.
  var text: String {
    switch self {
    case .ready(let status): "READY=1\nSTATUS=\(status)"
    case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.now)\nSTATUS=reads the configuration again"
    case .stopping(let time):
      "STOPPING=1\nEXTEND_TIMEOUT_USEC=\(time.wholeMicroseconds)\nSTATUS=finishes requests and empties its queues"
    case .alive: "WATCHDOG=1"
    }
  }

  /// Microseconds of the clock that nobody sets.
  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec / 1000)
  }
}

extension Duration {
  /// Microseconds, without what is left over, of no more than a hundred years.
  fileprivate var wholeMicroseconds: Int64 {
    let parts = components
    return min(max(parts.seconds, 0), 100 * 366 * 86_400) * 1_000_000 + parts.attoseconds / 1_000_000_000_000
  }
}
