import LogPipeline
import Synchronization
import Testing

@testable import LogExport

@Suite struct ReplayRunTests {
  private let folder = LetterFolder()

  /// Answers `_bulk` requests: documents whose number is in `rejecting` are rejected, all others stored.
  private static func elasticsearch(rejecting: Set<Int> = []) async throws -> RawServer {
    try await RawServer.start { request in
      let documents = String(decoding: request.body, as: UTF8.self).split(separator: "\n")
        .enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
      let items = documents.map { document in
        rejecting.contains(where: { document == "{\"n\":\($0)}" })
          ? "{\"create\":{\"status\":400,\"error\":{\"type\":\"still_bad\",\"reason\":\"no\"}}}"
          : "{\"create\":{\"status\":201}}"
      }
      let answer = "{\"errors\":\(!rejecting.isEmpty),\"items\":[\(items.joined(separator: ","))]}"
      return RawServer.answer(200, answer)
    }
  }

  private func run(to server: RawServer, _ change: (inout DeadLetterReplay) -> Void = { _ in }) async throws
    -> DeadLetterReplay.Outcome
  {
    var replay = DeadLetterReplay(path: folder.path, endpoint: server.address, dialect: replayDialect)
    change(&replay)
    return try await replay.run()
  }

  @Test func sendsDocumentsAgainAndKeepsWhatIsRejectedAgain() async throws {
    try await folder.file().take([rejected(bulk(1, 2, 3), records: 3, to: .http(path: "/_bulk?x=y", headers: []))])
    let server = try await Self.elasticsearch(rejecting: [2])
    let outcome = try await run(to: server)
    #expect(outcome.delivered == 2 && outcome.rejected == 1 && outcome.untouchedLetters == 0 && !outcome.gaveUp)
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
      rejected(
        "{\"a\":1}\n", by: "vl", as: .jsonline, to: .http(path: "/insert/jsonline?_time_field=t", headers: tenant)),
      rejected("{\"a\":2}\n", by: "vl", as: .jsonline, to: .http(path: "/insert/jsonline?_time_field=t", headers: [])),
      rejected("\u{12}\u{0}", by: "otlp", as: .otlp, to: .grpc(path: "/x.Y/Export", headers: [])),
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

  /// Letters of tenants go to their tenants, whatever they were sent over and whatever else is sent with every request.
  @Test func noLetterGoesToAnotherTenant() async throws {
    func route(_ tenant: String) -> DialectRoute {
      .grpc(path: "/x.Y/Export", headers: []).carrying(Array("X-Scope-OrgID: \(tenant)".utf8))
    }
    try await folder.file().take([
      rejected("\u{12}\u{0}", by: "otlp", as: .otlp, to: route("a")),
      rejected("\u{12}\u{1}b", by: "otlp", as: .otlp, to: route("b%20c")),
      rejected("unreadable", by: "otlp", as: .text, to: route("c")),
    ])
    #expect(folder.letters.map { $0.headers.map(\.value) } == [["a"], ["b%20c"], ["c"]])
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    let outcome = try await run(to: server) { $0.headers = [("x-scope-orgid", "other")] }
    #expect(outcome.delivered == 2 && outcome.untouchedLetters == 1)
    let got = server.requests.map { ($0.headers["x-scope-orgid"] ?? "", $0.body.count) }.sorted { $0 < $1 }
    #expect(got.map(\.0) == ["a", "b%20c"] && got.map(\.1) == [2, 3])
    await server.stop()
  }

  @Test func onlyWhatIsAskedForAndCanBeSentIsSent() async throws {
    try await folder.file().take([
      rejected(bulk(1), by: "es"), rejected(bulk(2), by: "other"), rejected("", records: 4, by: "es", as: .otlp),
      rejected("text", by: "es", as: .text),
    ])
    folder.append("garbage\n")
    let lines = folder.text().split(separator: "\n")
    let server = try await Self.elasticsearch()
    let outcome = try await run(to: server) { $0.filter.exporter = "es" }
    #expect(outcome.delivered == 1 && outcome.untouchedLetters == 4)
    #expect(folder.text().split(separator: "\n") == Array(lines[1...]))
    await server.stop()
  }

  /// The exporter says what a destination speaks, wherever letters were sent.
  @Test func theExporterAndNotThePathTellsWhatIsSpoken() async throws {
    let path = DialectRoute.http(path: "/insert/elasticsearch/_bulk", headers: [])
    try await folder.file().take([
      rejected(bulk(1), to: path), rejected(bulk(2), to: path), rejected("{\"a\":1}\n", as: .jsonline, to: Self.lines),
    ])
    let server = try await Self.elasticsearch()
    let outcome = try await run(to: server)
    #expect(outcome.delivered == 2 && outcome.untouchedLetters == 1)
    #expect(outcome.kept.rows.map(\.text) == ["letters like this cannot be sent over HTTP"])
    #expect(server.requests.map { String(decoding: $0.body, as: UTF8.self) } == [bulk(1, 2)])
    await server.stop()
  }

  @Test func moreThanTheQueueHoldsIsSentInBatches() async throws {
    let file = folder.file { $0.syncs = false }
    for start in stride(from: 0, to: 2000, by: 100) {
      try await file.take((start..<start + 100).map { rejected(bulk($0)) })
    }
    let server = try await Self.elasticsearch(rejecting: [5, 1999])
    let outcome = try await run(to: server) { $0.heldBytes = 4096 }
    #expect(outcome.delivered == 1998 && outcome.rejected == 2)
    #expect(Set(folder.letters.compactMap(\.body)) == [Array(bulk(5).utf8), Array(bulk(1999).utf8)])
    #expect(server.requests.count > 10 && server.requests.allSatisfy { $0.body.count <= 4096 + bulk(1999).utf8.count })
    await server.stop()
  }

  @Test func givesUpOnADestinationThatTakesNothingAndLosesNothing() async throws {
    try await folder.file().take((0..<20).map { rejected(bulk($0)) })
    let before = folder.text()
    let server = try await RawServer.start { _ in RawServer.answer(503) }
    let outcome = try await run(to: server) {
      $0.giveUpAfter = .milliseconds(50)
      $0.heldBytes = 200
    }
    #expect(outcome.gaveUp && outcome.delivered == 0)
    // With their reason, and the time when they were rejected.
    #expect(folder.text() == before)
    #expect(outcome.untouchedLetters == 20 && outcome.rejected == 0)
    await server.stop()
  }

  @Test func lettersThatArriveMeanwhileStay() async throws {
    let file = folder.file()
    try await file.take([rejected(bulk(1))])
    let added = Mutex(false)
    let server = try await RawServer.start { _ in
      added.withLock { $0 = true }
      return RawServer.answer(200, "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}")
    }
    async let outcome = run(to: server) { _ in }
    #expect(await eventually { added.withLock { $0 } })
    try await file.take([rejected(bulk(2))])
    #expect(try await outcome.delivered == 1)
    try await file.take([rejected(bulk(3))])
    #expect(folder.letters.compactMap(\.body).suffix(2) == [Array(bulk(2).utf8), Array(bulk(3).utf8)])
    await server.stop()
  }

  @Test func aPathThatCouldSpoilARequestIsNotUsed() async throws {
    for path in ["/a b", "evil", "/a\r\nX: y", "/é", "/#"] {
      try await folder.file().take([rejected(bulk(1), to: .http(path: path, headers: []))])
    }
    try await folder.file().take([rejected(bulk(1), to: .http(path: "/", headers: [.init("X", "a\r\nb")]))])
    let server = try await Self.elasticsearch()
    let outcome = try await run(to: server)
    #expect(outcome.delivered == 5 && outcome.untouchedLetters == 1)
    #expect(server.requests.allSatisfy { $0.line.hasPrefix("POST /_bulk") })
    await server.stop()
  }

  /// The end is asked for while a request is under way: its answer is heard, what was not sent stays, and the next
  /// replay goes on there.
  @Test(arguments: [1, 2])
  func anEndThatIsAskedForLosesAndDoublesNothingButWhatIsCutOff(_ raises: Int) async throws {
    let count = 200
    try await folder.file { $0.syncs = false }.take((0..<count).map { rejected(bulk($0)) })
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
      $0.heldBytes = 512
      $0.stop = stop
    }
    let sent = delivered.withLock { $0 }
    #expect(outcome.wasStopped && !outcome.gaveUp && sent.count < count)
    #expect(folder.letters.count == outcome.untouchedLetters)
    #expect(folder.text().split(separator: "\n").allSatisfy { before.contains($0) })
    #expect(sent.count + folder.letters.count >= count)
    if raises == 1 { #expect(sent.count + folder.letters.count == count && outcome.delivered == sent.count) }
    // At most what was under way at once: all that was held, and one letter more.
    #expect(sent.count + folder.letters.count <= count + 512 / bulk(1).utf8.count + 1)
    let rest = try await run(to: server) { $0.heldBytes = 512 }
    #expect(rest.untouchedLetters == 0 && folder.text().isEmpty)
    #expect(Set(delivered.withLock { $0 }).count == count)
    await server.stop()
  }

  // What was confirmed leaves the file, however the run ends.

  /// A document that Elasticsearch puts off for ever does not keep the others of its body in the file.
  @Test(arguments: [false, true])
  func whatWasDeliveredIsOutOfTheFileThoughOthersOfItsBodyAreNotTaken(_ isStopped: Bool) async throws {
    try await folder.file().take((1...4).map { rejected(bulk($0)) })
    let line = folder.text().split(separator: "\n")[1]
    let stop = StopRequest()
    let server = try await RawServer.start { request in
      let documents = Self.documents(of: request)
      if isStopped, documents.count == 1 { stop.raise() }
      let items = documents.map { $0 == "{\"n\":2}" ? Self.busy : Self.stored }
      return RawServer.answer(200, "{\"errors\":true,\"items\":[\(items.joined(separator: ","))]}")
    }
    let outcome = try await run(to: server) {
      $0.stop = stop
      $0.giveUpAfter = .milliseconds(700)
    }
    #expect(outcome.delivered == 3 && outcome.untouchedLetters == 1 && outcome.rejected == 0)
    #expect(outcome.wasStopped == isStopped && outcome.gaveUp == !isStopped)
    #expect(folder.text().split(separator: "\n") == [line])
    let sent = server.requests.flatMap(Self.documents)
    for number in [1, 3, 4] { #expect(sent.filter { $0 == "{\"n\":\(number)}" }.count == 1) }
    await server.stop()
  }

  /// VictoriaLogs names no record, so each goes by itself and none is stored twice.
  @Test func aLineThatVictoriaLogsDoesNotTakeIsKeptAndTheOthersAreSentOnce() async throws {
    let route = DialectRoute.http(path: "/insert/elasticsearch/_bulk?_time_field=_time", headers: [])
    try await folder.file().take([rejected(bulk(1, 2, 3, 4), records: 4, by: "vl", to: route)])
    let server = try await RawServer.start { request in
      let documents = Self.documents(of: request).filter { $0 != "{\"n\":2}" }
      if documents.isEmpty { return RawServer.answer(200) }
      let items = documents.map { _ in Self.stored }.joined(separator: ",")
      return RawServer.answer(200, "{\"errors\":false,\"items\":[\(items)]}")
    }
    let outcome = try await run(to: server)
    #expect(outcome.delivered == 3 && outcome.rejected == 1 && !outcome.gaveUp)
    let attempts = ReplayLane.mostStrikes
    #expect(folder.letters.map(\.body) == [Array(bulk(2).utf8)])
    #expect(
      folder.letters.first?.reason.hasPrefix("not taken in \(attempts) attempts while others were: HTTP 200") == true)
    #expect(outcome.rejections.rows.map(\.text) == ["HTTP 200, no evidence of success"])
    #expect(server.requests.filter { Self.documents(of: $0) != ["{\"n\":2}"] }.count == 3)
    await server.stop()
  }

  /// One body at fault is found by halving and does not hold up the run.
  @Test func aBodyThatIsAnsweredByAnErrorOfTheServerIsIsolated() async throws {
    try await folder.file().take((0..<50).map { rejected(bulk($0)) })
    let server = try await RawServer.start { request in
      let documents = Self.documents(of: request)
      if documents.contains("{\"n\":33}") { return RawServer.answer(500, "oops") }
      let items = documents.map { _ in Self.stored }.joined(separator: ",")
      return RawServer.answer(200, "{\"errors\":false,\"items\":[\(items)]}")
    }
    let began = ContinuousClock.now
    let outcome = try await run(to: server)
    #expect(outcome.delivered == 49 && outcome.rejected == 1 && !outcome.gaveUp)
    #expect(folder.letters.map(\.body) == [Array(bulk(33).utf8)])
    #expect(ContinuousClock.now - began < .seconds(30))
    await server.stop()
  }

  /// A rejection of OTLP names no record: its content stays all the same.
  @Test func aRecordThatOTLPRejectsKeepsItsContent() async throws {
    let records = (1...3).map { record in [UInt8]([0x12, 0x02, 0x10, UInt8(record)]) }
    let scope = [0x12, UInt8(records.joined().count)] + records.joined()
    let body = [0x0A, UInt8(scope.count)] + scope
    try await folder.file().take([rejected(String(decoding: body, as: UTF8.self), records: 3, by: "otlp", as: .otlp)])
    let server = try await RawServer.start { request in
      request.body.last == 2
        ? RawServer.answer(200, headers: ["content-type: application/json"], Self.partialSuccess)
        : RawServer.answer(200)
    }
    let outcome = try await run(to: server)
    #expect(outcome.delivered == 2 && outcome.rejected == 1)
    #expect(folder.letters.compactMap(\.body).map(\.last) == [2])
    #expect(folder.letters.map(\.records) == [1])
    await server.stop()
  }

  /// Of a letter of several records only those that are open stay, with the reason that they had.
  @Test func aLetterOfSeveralRecordsIsCutToWhatIsOpen() async throws {
    try await folder.file().take([rejected("x\n", records: 1, by: "vl", as: .jsonline, to: Self.lines)])
    var record = ByteWriter()
    Array(bulk(1, 2, 3).utf8).withUnsafeBytes { record.appendBase64($0) }
    let line = String(decoding: record.array, as: UTF8.self)
    folder.append(
      "{\"time\":\"2026-01-01T00:00:00Z\",\"exporter\":\"vl\",\"reason\":\"bad: old\",\"format\":\"bulk\","
        + "\"path\":\"/insert/elasticsearch/_bulk\",\"records\":3,\"record\":\"\(line)\"}\n")
    let server = try await RawServer.start { request in
      let documents = Self.documents(of: request)
      if request.line.contains("jsonline") || documents == ["{\"n\":2}"] { return RawServer.answer(503) }
      return RawServer.answer(200, "{\"errors\":false,\"items\":[\(Self.stored)]}")
    }
    let outcome = try await run(to: server) { $0.giveUpAfter = .milliseconds(500) }
    #expect(outcome.delivered == 2 && outcome.gaveUp && outcome.untouchedLetters == 2)
    #expect(folder.letters.map(\.reason) == ["bad: thing", "bad: old"])
    #expect(folder.letters.last?.body == Array(bulk(2).utf8))
    await server.stop()
  }

  /// Letters of a kind that is not taken leave others alone.
  @Test func aKindThatIsNotTakenIsLeftAndTheOthersGoOn() async throws {
    try await folder.file().take([
      rejected(bulk(1), to: .http(path: "/wrong/_bulk", headers: [])), rejected(bulk(2)),
      rejected("{\"a\":1}\n", by: "vl", as: .jsonline, to: Self.lines),
    ])
    let server = try await RawServer.start { request in
      if request.line.contains("/wrong/") { return RawServer.answer(404, "no such page") }
      if request.line.contains("jsonline") { return RawServer.answer(200) }
      return RawServer.answer(200, "{\"errors\":false,\"items\":[\(Self.stored)]}")
    }
    let said = Mutex<[String]>([])
    let outcome = try await run(to: server) {
      $0.giveUpAfter = .milliseconds(300)
      $0.report = { text in said.withLock { $0.append(text) } }
    }
    #expect(outcome.delivered == 2 && outcome.gaveUp && outcome.untouchedLetters == 1)
    #expect(outcome.failures.rows.map(\.text) == ["HTTP 404, not an answer of Elasticsearch"])
    #expect(said.withLock { $0 } == ["HTTP 404, not an answer of Elasticsearch"])
    await server.stop()
  }

  @Test func kindsBeyondTheLimitStayAndAreTold() async throws {
    try await folder.file { $0.syncs = false }.take(
      (0...DeadLetterReplay.maxKinds).map { rejected(bulk($0), to: .http(path: "/\($0)/_bulk", headers: [])) })
    let server = try await Self.elasticsearch()
    let outcome = try await run(to: server)
    #expect(outcome.delivered == DeadLetterReplay.maxKinds && outcome.untouchedLetters == 1)
    #expect(outcome.kept.rows.map(\.text) == ["of more than the 64 kinds that one replay sends"])
    await server.stop()
  }

  @Test func aDestinationThatHangsIsGivenUpInTime() async throws {
    try await folder.file().take([rejected(bulk(1))])
    let before = folder.text()
    let server = try await RawServer.start { _ in .hang }
    let began = ContinuousClock.now
    let outcome = try await run(to: server) {
      $0.giveUpAfter = .milliseconds(200)
      $0.finishWithin = .milliseconds(200)
    }
    #expect(outcome.gaveUp && outcome.untouchedLetters == 1 && folder.text() == before)
    #expect(ContinuousClock.now - began < .seconds(20))
    await server.stop()
  }

  @Test func theReasonOfAFailureIsTold() async throws {
    try await folder.file().take([rejected(bulk(1))])
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    var replay = DeadLetterReplay(path: folder.path, endpoint: server.address, dialect: replayDialect)
    replay.giveUpAfter = .milliseconds(100)
    await server.stop()
    let outcome = try await replay.run()
    let text = try #require(outcome.failures.rows.first?.text)
    #expect(outcome.gaveUp && text.contains("127.0.0.1") && text.contains("refused"))
  }

  @Test(arguments: ["no letter\nnor this\n", "without a line end", "\n"])
  func aFileThatHoldsNoLettersIsAnError(_ text: String) async throws {
    folder.append(text)
    await #expect(throws: FileFailure("\(folder.path) holds no dead letters")) {
      try await DeadLetterReplay(path: folder.path, endpoint: "http://127.0.0.1:9", dialect: replayDialect).run()
    }
    #expect(folder.text() == text)
  }

  @Test func anEmptyFileAndLettersThatWereNotAskedForAreNone() async throws {
    var replay = DeadLetterReplay(path: folder.path, endpoint: "http://127.0.0.1:9", dialect: replayDialect)
    folder.append("")
    #expect(try await replay.run() == DeadLetterReplay.Outcome())
    try await folder.file().take([rejected(bulk(1), by: "es")])
    replay.filter.exporter = "other"
    #expect(try await replay.run().untouchedLetters == 1)
  }

  private static let stored = "{\"create\":{\"status\":201}}"
  private static let busy =
    "{\"create\":{\"status\":429,\"error\":{\"type\":\"es_rejected_execution_exception\",\"reason\":\"full\"}}}"
  private static let partialSuccess = "{\"partialSuccess\":{\"rejectedLogRecords\":\"1\",\"errorMessage\":\"no\"}}"
  private static let lines = DialectRoute.http(path: "/insert/jsonline?_time_field=_time", headers: [])

  private static func documents(of request: RawServer.Request) -> [String] {
    String(decoding: request.body, as: UTF8.self).split(separator: "\n").enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }
}
