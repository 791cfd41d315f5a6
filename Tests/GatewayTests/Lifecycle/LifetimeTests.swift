import Glibc
import LogExport
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(1))) struct LifetimeTests {
  /// Signals come to the whole process, so that there is one test of them. What an end by force does, and what a second
  /// wish does, ends the process: `Tests/EndToEnd/test_commands.py` runs that.
  @Test func signalsAreHeededByWhatTheyMean() async throws {
    let lifetime = Lifetime.begin(hangUp: .reloads)
    defer { Signals.forget() }
    let log = LogCapture()
    lifetime.tell(log.logger)
    lifetime.onHangUp { log.logger.info("reload") }
    lifetime.arm(.seconds(100_000), after: .seconds(100_000)) { Issue.record("given up") }
    for _ in 0..<3 { kill(getpid(), SIGUSR1) }
    kill(getpid(), SIGHUP)
    #expect(try await eventually { log.lines("reload").count == 1 })
    #expect(log.lines("signals of this kind are ignored").map { $0.fields["signal"] } == ["SIGUSR1"])
    #expect(!lifetime.stop.isRaised)
    // A supervisor and a shell may both send one.
    for _ in 0..<2 { kill(getpid(), SIGTERM) }
    await lifetime.stop.reached(.announced)
    try await Task.sleep(for: .milliseconds(100))
    #expect(lifetime.stop.stage == .announced)
    for _ in 0..<2 { kill(getpid(), SIGINT) }
    await lifetime.stop.reached(.inOrder)
    try await Task.sleep(for: .milliseconds(100))
    #expect(lifetime.stop.stage == .inOrder)
    #expect(log.lines("asked to end").count == 1 && log.lines("asked to end at once").isEmpty)
    #expect(log.lines("asked to end without the delay").map { $0.fields["signal"] } == ["SIGINT"])
  }
}
