import Glibc
import Testing

@testable import LogExport

@Suite struct DebugSenderTests {
  @Test func writesBodiesToItsDescriptor() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let sender = DebugSender(descriptor: ends[1], name: "a pipe")
    let result = await sender.send(body("hello\n"), along: .local, timeout: .seconds(1))
    #expect(result.answer?.status == .local && result.wireBytes == 6)
    var bytes = [UInt8](repeating: 0, count: 100)
    #expect(read(ends[0], &bytes, 100) == 6 && Array(bytes[..<6]) == Array("hello\n".utf8))
    await sender.close()
    close(ends[0])
    close(ends[1])
  }

  @Test func aDescriptorThatTakesNothingIsAFailure() async throws {
    let full = open("/dev/full", O_WRONLY)
    let sender = DebugSender(descriptor: full, name: "a device")
    let result = await sender.send(body("hello\n"), along: .local, timeout: .seconds(1))
    #expect(result.failure == "cannot write 6 bytes to a device: write: No space left on device")
    #expect(result.isRetryable)
    await sender.close()
    close(full)
  }

  @Test func aPipeThatNobodyReadsIsAFailureAndDoesNotHoldUpTheEnd() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let sender = DebugSender(descriptor: ends[1], name: "a pipe")
    let long = String(repeating: "x", count: 100_000)
    let result = await sender.send(body(long), along: .local, timeout: .milliseconds(100))
    #expect(result.failure == "cannot write 100000 bytes to a pipe: nobody reads" && result.isRetryable)
    var bytes = [UInt8](repeating: 0, count: 100_000)
    #expect(read(ends[0], &bytes, 100_000) >= 4096)
    #expect(await sender.send(body("y"), along: .local, timeout: .seconds(1)).answer?.status == .local)
    #expect(read(ends[0], &bytes, 100_000) == 2 && Array(bytes[..<2]) == Array("\ny".utf8))
    let began = ContinuousClock.now
    let waiting = Task { await sender.send(body(long), along: .local, timeout: .seconds(60)) }
    try await Task.sleep(for: .milliseconds(50))
    await sender.close()
    #expect(await waiting.value.isRetryable)
    #expect(.now - began < .seconds(3))
    close(ends[0])
    close(ends[1])
  }

  @Test func discardingIsAlwaysWell() async {
    let result = await DiscardSender().send(body("hello\n"), along: .discard, timeout: .seconds(1))
    #expect(result.answer?.status == .local && result.wireBytes == 0)
  }
}
