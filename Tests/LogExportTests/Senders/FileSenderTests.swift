import Glibc
import Testing

@testable import LogExport

@Suite struct FileSenderTests: FilesOfSenders {
  @Test func closingDoesNotWaitForAReader() async throws {
    try await withPipe { path in
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      let sender = try sender(path)
      let began = ContinuousClock.now
      let cancelled = Task { await send(sender, String(repeating: "x", count: 200_000)) }
      try await Task.sleep(for: .milliseconds(50))
      cancelled.cancel()
      #expect(await cancelled.value.isRetryable)
      let waiting = Task { await send(sender, "y") }
      await sender.close()
      #expect(await waiting.value.isRetryable)
      #expect(.now - began < .seconds(3))
      close(reader)
    }
  }

  @Test func needsAPath() {
    #expect(throws: SenderConfigurationError.self) { try FileSender(FileSenderOptions()) }
  }

  @Test func aClosedSenderFails() async throws {
    let sender = try sender("/dev/null")
    await sender.close()
    #expect(await send(sender, "x").isRetryable)
  }

  @Test func keepsBodiesWholeUnderConcurrency() async throws {
    try await withFolder { folder in
      let sender = try sender(folder + "/logs.json")
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<50 {
          group.addTask { _ = await send(sender, String(repeating: "\(number) ", count: 1000) + "\n") }
        }
      }
      await sender.close()
      let lines = try #require(text(folder + "/logs.json")).split(separator: "\n")
      #expect(lines.count == 50)
      #expect(lines.allSatisfy { Set($0.split(separator: " ")).count == 1 })
    }
  }
}
