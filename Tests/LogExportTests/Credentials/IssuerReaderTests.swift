import Access
import LogExport
import NIOPosix
import Testing

@Suite struct IssuerReaderTests {
  private func reader(_ change: (inout IssuerReaderOptions) -> Void = { _ in }) -> IssuerReader {
    var options = IssuerReaderOptions()
    change(&options)
    return IssuerReader(options, group: MultiThreadedEventLoopGroup.singleton)
  }

  private func problem(_ reader: IssuerReader, _ address: String) async -> String? {
    do throws(CredentialFailure) {
      _ = try await reader.get(address)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    ("/keys", "GET /keys HTTP/1.1"), ("/keys?p=a&b=c", "GET /keys?p=a&b=c HTTP/1.1"), ("", "GET / HTTP/1.1"),
    ("/", "GET / HTTP/1.1"), ("/a/?b", "GET /a/?b HTTP/1.1"), ("?p=/a", "GET /?p=/a HTTP/1.1"),
  ]) func whatIsThereIsRead(_ path: String, line: String) async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200, "{}") }
    #expect(try await reader().get(server.address + path) == Array("{}".utf8))
    let request = try #require(server.requests.first)
    #expect(request.line == line)
    #expect(request.headers["host"] == "127.0.0.1:\(server.port)" && request.headers["accept"] == "application/json")
    await server.stop()
  }

  @Test(arguments: [
    (404, "answers 404"), (503, "answers 503"), (204, "answers 204"),
    (302, "answers 302, redirects are not followed"), (308, "answers 308, redirects are not followed"),
  ]) func anythingButASuccessIsNone(_ status: Int, what: String) async throws {
    let server = try await RawServer.start { _ in
      RawServer.answer(status, headers: ["location: /elsewhere"], status == 204 ? "" : "s3cret")
    }
    #expect(await problem(reader(), "\(server.address)/keys?q=1") == "\(server.address)/keys: \(what)")
    #expect(server.requests.count == 1)
    await server.stop()
  }

  @Test func anAnswerMayBeAsLargeAsTheLimitAndNoLarger() async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200, String(repeating: " ", count: 2048)) }
    #expect(await problem(reader { $0.maxAnswerBytes = 2048 }, server.address) == nil)
    let past = await problem(reader { $0.maxAnswerBytes = 2047 }, server.address)
    #expect(past?.hasSuffix("answer of at least 2048 bytes exceeds the limit of 2047 bytes") == true, "\(past ?? "")")
    await server.stop()
  }

  @Test func anAnswerWithoutEndIsGivenUp() async throws {
    let server = try await RawServer.start { _ in
      .endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", then: "10\r\n0123456789abcdef\r\n")
    }
    let reader = reader {
      $0.maxAnswerBytes = 64 << 10
      $0.timeout = .seconds(60)
    }
    let past = await problem(reader, server.address)
    #expect(past?.contains("exceeds the limit of 65536 bytes") == true, "\(past ?? "")")
    await server.stop()
  }

  @Test(arguments: [RawServer.Reply.hang, .drip]) func anIssuerThatTakesForEverIsGivenUp(
    _ reply: RawServer.Reply
  ) async throws {
    let server = try await RawServer.start { _ in reply }
    let start = ContinuousClock.now
    let problem = await problem(reader { $0.timeout = .milliseconds(300) }, server.address)
    #expect(problem?.contains("no answer within 0.3 seconds") == true, "\(problem ?? "")")
    #expect(ContinuousClock.now - start < .seconds(20))
    await server.stop()
  }

  @Test func anIssuerThatIsAwayIsNamed() async throws {
    let server = try await RawServer.start { _ in .hang }
    let address = server.address
    await server.stop()
    #expect(await problem(reader(), address) == "\(address): Connection refused")
    #expect(await problem(reader(), "https://user:pa55@127.0.0.1/")?.contains("pa55") == false)
    #expect(await problem(reader(), "ftp://h/")?.contains("has to be http or https") == true)
  }

  @Test func certificatesAreVerifiedByTheFileThatIsNamed() async {
    let found = await problem(reader { $0.caFile = "/nowhere/ca.pem" }, "https://127.0.0.1:1/")
    #expect(found?.contains("/nowhere/ca.pem") == true, "\(found ?? "")")
  }
}
