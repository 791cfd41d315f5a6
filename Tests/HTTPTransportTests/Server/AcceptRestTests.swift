import Glibc
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import HTTPTransport

@Suite struct AcceptRestTests {
  private final class Seen: Sendable {
    let abuses = Mutex<[HTTPAbuse]>([])
  }

  private func channel() throws -> (EmbeddedChannel, Seen) {
    let (channel, seen) = (EmbeddedChannel(), Seen())
    try channel.pipeline.syncOperations.addHandler(
      AcceptRest { abuse in seen.abuses.withLock { $0.append(abuse) } })
    return (channel, seen)
  }

  /// `Tests/EndToEnd/test_open_files.py` shows that a resting listener accepts nothing and costs nothing.
  @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM]) func oneRestIsCountedOnce(_ number: CInt) throws {
    let (channel, seen) = try channel()
    for rests in 1...3 {
      for _ in 0..<5 { channel.pipeline.fireErrorCaught(IOError(errnoCode: number, reason: "accept")) }
      channel.embeddedEventLoop.advanceTime(by: .milliseconds(99))
      channel.pipeline.fireErrorCaught(IOError(errnoCode: number, reason: "accept"))
      #expect(seen.abuses.withLock { $0 } == Array(repeating: .noDescriptors, count: rests))
      channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    }
    try channel.throwIfErrorCaught()
  }

  @Test func otherErrorsPass() throws {
    let (channel, seen) = try channel()
    channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNABORTED, reason: "accept"))
    #expect(throws: IOError.self) { try channel.throwIfErrorCaught() }
    #expect(seen.abuses.withLock { $0 } == [])
  }
}
