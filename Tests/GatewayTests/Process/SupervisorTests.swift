import Glibc
import Synchronization
import Testing

@testable import Gateway

@Suite struct SupervisorTests {
  @Test func wordsAreAsTheSupervisorReadsThem() {
    #expect(Supervisor.Word.ready(status: "takes logs").text == "READY=1\nSTATUS=takes logs")
    #expect(Supervisor.Word.alive.text == "WATCHDOG=1")
    let stopping = Supervisor.Word.stopping(within: .milliseconds(27_500)).text.split(separator: "\n")
    #expect(stopping.prefix(2) == ["STOPPING=1", "EXTEND_TIMEOUT_USEC=27500000"])
    let reloading = Supervisor.Word.reloading.text.split(separator: "\n")
    #expect(reloading[0] == "RELOADING=1")
    #expect(reloading[1].wholeMatch(of: /MONOTONIC_USEC=[0-9]+/) != nil)
  }

  @Test(arguments: [Duration.seconds(Int64.max), .seconds(-1)])
  func aTimeThatIsNoneIsNoHarm(_ time: Duration) {
    #expect(Supervisor.Word.stopping(within: time).text.hasPrefix("STOPPING=1\nEXTEND_TIMEOUT_USEC="))
  }

  @Test(arguments: [
    ([:], nil), (["WATCHDOG_USEC": "30000000"], Duration.seconds(30)),
    (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"], .seconds(30)),
    (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"], nil), (["WATCHDOG_USEC": "0"], nil),
    (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "5s"], nil), (["WATCHDOG_USEC": "99999999999999999999"], nil),
  ])
  func theWatchdogAsksInTheEnvironment(_ environment: [String: String], _ time: Duration?) throws {
    let name = ["NOTIFY_SOCKET": "@nobody-\(getpid())"].merging(environment) { $1 }
    #expect(try #require(Supervisor { name[$0] }).watchdog == time)
  }

  @Test func nobodyIsToldIfNobodyIsNamed() {
    #expect(Supervisor { _ in nil } == nil)
    #expect(Supervisor { $0 == "NOTIFY_SOCKET" ? "relative" : nil } == nil)
  }

  @Test func wordsComeInOrderOnceThereIsRoom() async throws {
    let listener = try ListeningSocket()
    let filling = try #require(NotifySocket(listener.name))
    var filled = 0
    while filling.send("filled") == .sent { filled += 1 }
    #expect(filled > 0)
    let supervisor = try #require(Supervisor { ["NOTIFY_SOCKET": listener.name][$0] })
    let log = LogCapture()
    let run = Task { await supervisor.run(log.logger) {} }
    supervisor.tell(.reloading)
    supervisor.tell(.ready(status: "again"))
    try await Task.sleep(for: .milliseconds(120))
    for _ in 0..<filled { #expect(listener.next() == "filled") }
    var words: [String] = []
    _ = try await eventually {
      if let word = listener.next() { words.append(word) }
      return words.count == 2
    }
    #expect(words.first?.hasPrefix("RELOADING=1\n") == true)
    #expect(words.last == "READY=1\nSTATUS=again")
    run.cancel()
    await run.value
    #expect(log.lines.isEmpty)
  }

  @Test func thatNobodyHearsIsSaidOnce() async throws {
    let supervisor = try #require(Supervisor { ["NOTIFY_SOCKET": "@nobody-\(getpid())"][$0] })
    let log = LogCapture()
    let run = Task { await supervisor.run(log.logger) {} }
    for _ in 0..<3 { supervisor.tell(.reloading) }
    _ = try await eventually { !log.lines.isEmpty }
    try await Task.sleep(for: .milliseconds(50))
    run.cancel()
    await run.value
    #expect(log.lines.map(\.message) == ["the service manager does not hear"])
  }

  @Test func theWatchdogHearsOnlyOfWhatTurns() async throws {
    let listener = try ListeningSocket()
    let environment = ["NOTIFY_SOCKET": listener.name, "WATCHDOG_USEC": "40000"]
    let supervisor = try #require(Supervisor { environment[$0] })
    let turns = Mutex(0)
    let run = Task {
      await supervisor.run(LogCapture().logger) {
        let turn = turns.withLock { turns in
          turns += 1
          return turns
        }
        // The third does not come to its end.
        if turn == 3 { try? await Task.sleep(for: .seconds(3600)) }
      }
    }
    let isStuck = try await eventually { turns.withLock { $0 } == 3 }
    #expect(isStuck)
    try await Task.sleep(for: .milliseconds(100))
    run.cancel()
    await run.value
    var heard: [String] = []
    while let word = listener.next() { heard.append(word) }
    // After it was told to end, the third may have gone on.
    #expect(heard.prefix(2) == ["WATCHDOG=1", "WATCHDOG=1"] && heard.count <= 3)
  }
}

/// A socket of a name that stands in no file system, which datagrams are read from.
final class ListeningSocket {
  private static let count = Atomic<Int>(0)
  let name: String
  private let descriptor: Int32

  init() throws {
    name = "@sluice-test-\(getpid())-\(Self.count.add(1, ordering: .relaxed).newValue)"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = [0] + Array(name.utf8.dropFirst())
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let bound = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    try #require(bound == 0)
  }

  deinit { close(descriptor) }

  /// The next datagram, if one is there.
  func next() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }
}
