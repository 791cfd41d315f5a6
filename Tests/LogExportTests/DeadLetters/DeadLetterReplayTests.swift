import LogPipeline
import Synchronization
import Testing

@testable import LogExport

@Suite struct DeadLetterReplayTests {
  private let folder = LetterFolder()

  /// Answers `_bulk` requests: documents whose number is in `refusing` are refused, all others stored.
  private static func elasticsearch(refusing: Set<Int> = []) async throws -> RawServer {
    try await RawServer.start { request in
      let documents = String(decoding: request.body, as: UTF8.self).split(separator: "\n")
        .enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
      let items = documents.map { document in
        refusing.contains(where: { document == "{\"n\":\($0)}" })
          ? "{\"create\":{\"status\":400,\"error\":{\"type\":\"still_bad\",\"reason\":\"no\"}}}"
          : "{\"create\":{\"status\":201}}"
      }
      let answer = "{\"errors\":\(!refusing.isEmpty),\"items\":[\(items.joined(separator: ","))]}"
      return RawServer.answer(200, answer)
    }
  }

  private func run(to server: RawServer, _ change: (inout DeadLetterReplay) -> Void = { _ in }) async throws
    -> DeadLetterReplay.Outcome
  {
    var replay = DeadLetterReplay(path: folder.path, endpoint: server.address)
    change(&replay)
    return try await replay.run()
  }

  @Test func sendsDocumentsAgainAndKeepsWhatIsRefusedAgain() async throws {
    try await folder.file().take([refused(bulk(1, 2, 3), records: 3, to: .http(path: "/_bulk?x=y", headers: []))])
    let server = try await Self.elasticsearch(refusing: [2])
    let outcome = try await run(to: server)
    #expect(outcome.delivered == 2 && outcome.refused == 1 && outcome.untouchedLetters == 0 && !outcome.gaveUp)
    #expect(folder.letters.map(\.reason) == ["still_bad: no"])
    #expect(folder.letters.first?.body == Array(bulk(2).utf8))
    #expect(server.requests.map(\.line) == ["POST /_bulk?x=y HTTP/1.1"])
    #expect(server.requests.first?.headers["content-type"] == "application/x-ndjson")
    #expect(server.requests.first.map { String(decoding: $0.body, as: UTF8.self) } == bulk(1, 2, 3))
    await server.stop()
  }

  @Test func eachFormatGoesWhereItCameFromWithItsTenant() async throws {
    let tenant = [DialectRoute.Header("AccountID", "7")]
    try await folder.file().take([
      refused(
        "{\"a\":1}\n", by: "vl", as: .jsonline, to: .http(path: "/insert/jsonline?_time_field=t", headers: tenant)),
      refused("{\"a\":2}\n", by: "vl", as: .jsonline, to: .http(path: "/insert/jsonline?_time_field=t", headers: [])),
      refused("\u{12}\u{0}", by: "otlp", as: .otlp, to: .grpc(path: "/x.Y/Export", headers: [])),
    ])
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    let outcome = try await run(to: server) { $0.headers = [("authorization", "Basic x")] }
    #expect(outcome.delivered == 3 && folder.text().isEmpty)
    let requests = server.requests.sorted {
      ($0.line, $0.body.last ?? 0, $0.body.count) < ($1.line, $1.body.last ?? 0, $1.body.count)
    }
    #expect(Set(requests.map(\.line)) == ["POST /insert/jsonline?_time_field=t HTTP/1.1", "POST /v1/logs HTTP/1.1"])
    #expect(requests.filter { $0.headers["accountid"] == "7" }.map(\.body) == [Array("{\"a\":1}\n".utf8)])
    #expect(requests.allSatisfy { $0.headers["authorization"] == "Basic x" })
    await server.stop()
  }

  @Test func onlyWhatIsAskedForAndCanBeSentIsSent() async throws {
    try await folder.file().take([
      refused(bulk(1), by: "es"), refused(bulk(2), by: "other"), refused("", records: 4, by: "es", as: .otlp),
      refused("text", by: "es", as: .text),
    ])
    folder.append("garbage\n")
    let lines = folder.text().split(separator: "\n")
    let server = try await Self.elasticsearch()
    let outcome = try await run(to: server) { $0.filter.exporter = "es" }
    #expect(outcome.delivered == 1 && outcome.untouchedLetters == 4)
    #expect(folder.text().split(separator: "\n") == Array(lines[1...]))
    await server.stop()
  }

  @Test func moreThanTheQueueHoldsIsSentInBatches() async throws {
    let file = folder.file { $0.syncs = false }
    for start in stride(from: 0, to: 2000, by: 100) {
      try await file.take((start..<start + 100).map { refused(bulk($0)) })
    }
    let server = try await Self.elasticsearch(refusing: [5, 1999])
    let outcome = try await run(to: server) { $0.queueBytes = 4096 }
    #expect(outcome.delivered == 1998 && outcome.refused == 2)
    #expect(Set(folder.letters.compactMap(\.body)) == [Array(bulk(5).utf8), Array(bulk(1999).utf8)])
    #expect(server.requests.count > 10 && server.requests.allSatisfy { $0.body.count <= 4096 })
    await server.stop()
  }

  @Test func givesUpOnADestinationThatTakesNothingAndLosesNothing() async throws {
    try await folder.file().take((0..<20).map { refused(bulk($0)) })
    let before = folder.text()
    let server = try await RawServer.start { _ in RawServer.answer(503) }
    let outcome = try await run(to: server) {
      $0.giveUpAfter = .milliseconds(50)
      $0.queueBytes = 200
    }
    #expect(outcome.gaveUp && outcome.delivered == 0)
    // With their reason, and the time when they were refused.
    #expect(folder.text() == before)
    #expect(outcome.untouchedLetters == 20 && outcome.refused == 0)
    await server.stop()
  }

  @Test func lettersThatArriveMeanwhileStay() async throws {
    let file = folder.file()
    try await file.take([refused(bulk(1))])
    let added = Mutex(false)
    let server = try await RawServer.start { _ in
      added.withLock { $0 = true }
      return RawServer.answer(200, "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}")
    }
    async let outcome = run(to: server) { _ in }
    #expect(await eventually { added.withLock { $0 } })
    try await file.take([refused(bulk(2))])
    #expect(try await outcome.delivered == 1)
    try await file.take([refused(bulk(3))])
    #expect(folder.letters.compactMap(\.body).suffix(2) == [Array(bulk(2).utf8), Array(bulk(3).utf8)])
    await server.stop()
  }

  @Test func aPathThatCouldSpoilARequestIsNotUsed() async throws {
    for path in ["/a b", "evil", "/a\r\nX: y", "/é", "/#"] {
      try await folder.file().take([refused(bulk(1), to: .http(path: path, headers: []))])
    }
    try await folder.file().take([refused(bulk(1), to: .http(path: "/", headers: [.init("X", "a\r\nb")]))])
    let server = try await Self.elasticsearch()
    let outcome = try await run(to: server)
    #expect(outcome.delivered == 5 && outcome.untouchedLetters == 1)
    #expect(server.requests.allSatisfy { $0.line.hasPrefix("POST /_bulk") })
    await server.stop()
  }

  @Test func anAddressThatIsNoneIsAnError() async throws {
    try await folder.file().take([refused(bulk(1))])
    await #expect(throws: SenderConfigurationError.self) {
      try await DeadLetterReplay(path: folder.path, endpoint: "ftp://x").run()
    }
    #expect(folder.letters.count == 1)
  }

  /// The end is asked for while a request is under way: its answer is heard, what was not sent stays, and the next
  /// replay goes on there.
  @Test(arguments: [1, 2])
  func anEndThatIsAskedForLosesAndDoublesNothingButWhatIsCutOff(_ raises: Int) async throws {
    let count = 200
    try await folder.file { $0.syncs = false }.take((0..<count).map { refused(bulk($0)) })
    let before = Set(folder.text().split(separator: "\n"))
    let stop = StopRequest()
    let delivered = Mutex<[String]>([])
    let server = try await RawServer.start { request in
      let documents = String(decoding: request.body, as: UTF8.self).split(separator: "\n")
        .enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
      let all = delivered.withLock { delivered in
        delivered += documents
        return delivered.count
      }
      if all > count / 4 { for _ in 0..<raises { stop.raise() } }
      let items = documents.map { _ in "{\"create\":{\"status\":201}}" }.joined(separator: ",")
      return RawServer.answer(200, "{\"errors\":false,\"items\":[\(items)]}")
    }
    let outcome = try await run(to: server) {
      $0.queueBytes = 512
      $0.stop = stop
    }
    let sent = delivered.withLock { $0 }
    #expect(outcome.wasStopped && !outcome.gaveUp && sent.count < count)
    #expect(folder.letters.count == outcome.untouchedLetters)
    #expect(folder.text().split(separator: "\n").allSatisfy { before.contains($0) })
    #expect(sent.count + folder.letters.count >= count)
    if raises == 1 { #expect(sent.count + folder.letters.count == count && outcome.delivered == sent.count) }
    // At most what was under way at once: the queue.
    #expect(sent.count + folder.letters.count <= count + 512 / bulk(1).utf8.count)
    let rest = try await run(to: server) { $0.queueBytes = 512 }
    #expect(rest.untouchedLetters == 0 && folder.text().isEmpty)
    #expect(Set(delivered.withLock { $0 }).count == count)
    await server.stop()
  }
}
