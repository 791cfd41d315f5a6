import LogExport
import NIOPosix
import Synchronization
import Testing

@Suite struct HTTPReaderTests {
  private func reader(_ address: String, idle: Duration) throws -> HTTPReader {
    var options = HTTPSenderOptions()
    options.endpoints = [address]
    return try HTTPReader(options, idleTimeout: idle, group: MultiThreadedEventLoopGroup.singleton)
  }

  /// What a reader gets of a path: the status, then the body as it came, or what went wrong.
  private func read(_ server: RawServer, idle: Duration = .seconds(20)) async throws -> [String] {
    let reader = try reader(server.address + "/base", idle: idle)
    var heads = 0
    var text = ""
    var found: [String] = []
    do {
      try await reader.get("/a?b=c", headers: [(name: "accept", value: "x/y")]) { head, bytes in
        if bytes.isEmpty {
          heads += 1
          found.append("\(head.status) \(head.retryAfter.map { "\($0)" } ?? "-")")
        }
        text += String(decoding: bytes, as: UTF8.self)
      }
    } catch let failure as HTTPReader.Failure {
      found.append(failure.hasBegun ? "cut off" : "failed")
    }
    await reader.close()
    #expect(heads <= 1)
    return found + [text]
  }

  @Test func aBodyInPiecesIsHandedOn() async throws {
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    let server = try await RawServer.start { _ in .bytes(chunks) }
    #expect(try await read(server) == ["200 -", "abcde"])
    #expect(server.requests.map(\.line) == ["GET /base/a?b=c HTTP/1.1"])
    #expect(server.requests.first?.headers["accept"] == "x/y")
    await server.stop()
  }

  @Test func aStatusComesWithWhenToAskAgain() async throws {
    let server = try await RawServer.start { _ in
      .bytes("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno")
    }
    #expect(try await read(server) == ["429 7.0 seconds", "no"])
    await server.stop()
  }

  @Test func anAnswerThatIsCutOffFails() async throws {
    let server = try await RawServer.start { _ in
      .close(after: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    }
    #expect(try await read(server) == ["200 -", "cut off", "abc"])
    await server.stop()
  }

  @Test func anAnswerOfWhichNothingComesIsIdle() async throws {
    let server = try await RawServer.start { _ in .bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab") }
    #expect(try await read(server, idle: .milliseconds(300)) == ["200 -", "cut off", "ab"])
    await server.stop()
  }

  @Test func aServerThatDoesNotAnswerFails() async throws {
    let server = try await RawServer.start { _ in .close(after: "") }
    #expect(try await read(server) == ["failed", ""])
    await server.stop()
  }

  /// Whatever it is that has no end, none of it is a body.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("", "HTTP/1.1 100 Continue\r\n\r\n"), ("", "\r\n"), ("HTTP/1.1 200 OK\r\n", "a: b\r\n"),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", "a: b\r\n"),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1", ";a=b"),
    ])
  func aServerThatSendsOtherThingsWithoutEndIsGivenUp(_ begin: String, _ more: String) async throws {
    let server = try await RawServer.start { _ in .endless(begin, then: more) }
    let began = ContinuousClock.now
    let found = try await read(server)
    #expect(found.contains("failed") || found.contains("cut off"), "\(found)")
    #expect(ContinuousClock.now - began < .seconds(15))
    await server.stop()
  }

  @Test func tooMuchBesideABodyIsToldWithBothNumbers() async throws {
    let server = try await RawServer.start { _ in .endless("", then: "HTTP/1.1 100 Continue\r\n\r\n") }
    let reader = try reader(server.address, idle: .seconds(20))
    await #expect {
      try await reader.get("/", headers: []) { _, _ in }
    } throws: { error in
      let failure = error as? HTTPReader.Failure
      return failure?.isExcess == true
        && failure?.description.contains("beside its body exceeds the limit of 1048576 bytes") == true
    }
    await reader.close()
    await server.stop()
  }

  /// With more beside it than may be, were it not for its bytes.
  @Test func aBodyInChunksOfAByteIsTaken() async throws {
    let chunks = String(repeating: "1;aaaaaaaa\r\na\r\n", count: 80_000)
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    let server = try await RawServer.start { _ in .bytes(head + chunks + "0\r\n\r\n") }
    #expect(try await read(server).last?.utf8.count == 80_000)
    await server.stop()
  }

  private struct Enough: Error {}

  @Test func whatTheCallerThrowsEndsTheAnswer() async throws {
    let server = try await RawServer.start { _ in .drip }
    let reader = try reader(server.address, idle: .seconds(20))
    await #expect(throws: Enough.self) {
      try await reader.get("/", headers: []) { _, bytes in if !bytes.isEmpty { throw Enough() } }
    }
    await reader.close()
    await server.stop()
  }
}
