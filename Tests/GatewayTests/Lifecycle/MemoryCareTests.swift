import CSystemCalls
import Foundation
import Synchronization
import Testing

@testable import Gateway

@Suite struct MemoryCareTests {
  @Test func trimsAgainAndAgainUntilItIsCancelled() async throws {
    let trims = Atomic(0)
    let care = Task { await MemoryCare(interval: .milliseconds(1)) { trims.add(1, ordering: .relaxed) }.run() }
    #expect(try await eventually { trims.load(ordering: .relaxed) >= 3 })
    care.cancel()
    await care.value
  }

  @Test func codeThatIsLetGoOfComesBack() throws {
    let before = try Self.codePages()
    let_go_of_code()
    #expect(try Self.codePages() < before)
    #expect([3, 1, 2].sorted().map { "\($0)" } == ["1", "2", "3"])
  }

  /// Pages of files that the process has in memory: the third number of proc_pid_statm(5).
  private static func codePages() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return try #require(text.split(separator: " ").dropFirst(2).first.flatMap { Int($0) })
  }
}
