import FrameQueues
import Glibc
import LogPipeline
import Testing

@testable import LogExport

@Suite struct DeadLetterFileTests {
  private let folder = LetterFolder()

  @Test func writesALineForEachRecordOfABody() async throws {
    let file = folder.file(time: TestClock(unixMilliseconds: 1_769_903_999_007).time)
    let headers = [DialectRoute.Header("Content-Type", "x"), DialectRoute.Header("AccountID", "7")]
    try await file.take([rejected(bulk(1, 2), records: 2, to: .http(path: "/_bulk?a=b", headers: headers))])
    let expected = [1, 2].map { number in
      "{\"time\":\"2026-01-31T23:59:59.007000000Z\",\"exporter\":\"elasticsearch\",\"reason\":\"bad: thing\",\"attempts\":2,"
        + "\"first_sent\":\"2023-11-14T22:13:20.123000000Z\",\"format\":\"bulk\",\"path\":\"/_bulk?a=b\","
        + "\"headers\":{\"AccountID\":\"7\"},"
        + "\"record\":{\"action\":{\"create\":{\"_index\":\"logs\"}},\"document\":{\"n\":\(number)}}}\n"
    }
    #expect(folder.text() == expected.joined())
    let bytes = bulk(1, 2).utf8.count
    #expect(file.counts.kept == FrameTotals(bytes: bytes, records: 2) && file.counts.evicted == .zero)
  }

  /// Replay sends the header fields of letters, so what was made of metadata is there, but for credentials.
  @Test func headersMadeOfMetadataAreKeptAndCredentialsAreNot() async throws {
    let made = [
      MetadataHeader("X-Scope", key: "tenant"), MetadataHeader("Authorization", key: "authorization"),
      MetadataHeader("X-Env", key: "env", otherwise: "none"), MetadataHeader("X-Missing", key: "missing"),
      MetadataHeader("X-Set", key: "tenant"),
    ]
    let route = DialectRoute.http(path: "/p", headers: [.init("X-Scope", "own")])
      .carrying(Array("X-Set: bound\n:authorization: pa55\n:tenant: acme".utf8))
    let file = folder.file { $0.metadataHeaders = made }
    try await file.take([rejected(bulk(1), to: route)])
    #expect(
      folder.letters.first?.headers == [.init("X-Set", "bound"), .init("X-Scope", "acme"), .init("X-Env", "none")])
    #expect(!folder.text().contains("pa55"))
  }

  @Test func whatIsReadIsWhatWasSent() async throws {
    let file = folder.file()
    let odd = "\u{1}\u{FF}\u{0}"
    try await file.take([
      rejected(bulk(1)), rejected("{\"a\":[1,{}]}\n", as: .jsonline), rejected("not json\n", as: .jsonline),
      rejected("{}\nno pair\n", as: .bulk), rejected(odd, records: 3, as: .otlp),
      rejected("text\nof two\n", records: 2, as: .text),
    ])
    let letters = folder.letters
    let bodies = letters.map { $0.body.map { String(decoding: $0, as: UTF8.self) } }
    #expect(bodies == [bulk(1), "{\"a\":[1,{}]}\n", "not json\n", "{}\nno pair\n", odd, "text\nof two\n"])
    #expect(letters.map(\.records) == [1, 1, 1, 1, 3, 2])
    #expect(letters.map(\.format) == [.bulk, .jsonline, .jsonline, .bulk, .otlp, .text])
    #expect(letters.allSatisfy { $0.path == "/_bulk" && $0.attempts == 2 && $0.exporter == "elasticsearch" })
  }

  /// At the first opening and at each later one; a pipe does not hold anything up, with or without a reader.
  @Test(arguments: ["pipe", "read pipe", "link to a device"])
  func onlyARegularFileIsTaken(_ kind: String) async throws {
    let file = folder.file()
    var reader: Int32 = -1
    for round in 0..<2 {
      if kind == "link to a device" { symlink("/dev/null", folder.path) } else { mkfifo(folder.path, 0o600) }
      if kind == "read pipe" { reader = open(folder.path, O_RDONLY | O_NONBLOCK) }
      let failure = await #expect(throws: FileFailure.self) { try await file.take([rejected(bulk(1))]) }
      #expect(failure?.reason == "\(folder.path) is not a regular file")
      #expect(file.counts.kept.records == round)
      unlink(folder.path)
      try await file.take([rejected(bulk(1))])
      #expect(folder.letters.count == 1)
      unlink(folder.path)
      if reader >= 0 { close(reader) }
    }
  }

  @Test func aLinkToAFileIsTaken() async throws {
    symlink(folder.folder + "/other.ndjson", folder.path)
    try await folder.file().take([rejected(bulk(1))])
    #expect(folder.text("other.ndjson").split(separator: "\n").count == 1)
  }

  @Test func recordsThatWereNotNamedAreALineWithoutRecord() async throws {
    try await folder.file().take([rejected("", records: 5, as: .otlp)])
    #expect(folder.letters.map(\.records) == [5])
    #expect(folder.letters.first?.body == nil && folder.letters.first?.record.isEmpty == true)
  }

  @Test func reasonsAreCutAtTheirLimitAndCannotForgeALine() async throws {
    let limit = DeadLetter.maxReasonBytes
    let file = folder.file()
    try await file.take([rejected(bulk(1), because: String(repeating: "x", count: limit))])
    try await file.take([rejected(bulk(1), because: String(repeating: "x", count: limit + 1))])
    try await file.take([rejected(bulk(1), because: "a\"}\n{\"time\":\"\u{1B}[31m")])
    #expect(folder.letters.map(\.reason.utf8.count) == [limit, limit, 18])
    #expect(folder.text().split(separator: "\n").count == 3)
    #expect(!folder.text().contains("\u{1B}"))
  }

  @Test func rotatesAtItsSizeAndCountsWhatIsLost() async throws {
    let clock = TestClock()
    let file = folder.file(time: clock.time) {
      $0.maxBytes = 700
      $0.maxBackups = 2
    }
    var sizeBytes = 0
    for number in 0..<12 {
      try await file.take([rejected(bulk(number))])
      clock.advance(milliseconds: 1000)
      sizeBytes = max(sizeBytes, folder.text().utf8.count)
    }
    #expect(sizeBytes <= 700 && folder.files.filter { $0.hasSuffix(".ndjson") }.count == 3)
    var left = 0
    for name in folder.files { left += folder.text(name).split(separator: "\n").count }
    let counts = file.counts
    #expect(counts.kept.records == 12 && counts.evicted.records > 0 && counts.evicted.bytes > 0)
    #expect(left + counts.evicted.records == 12)
  }

  @Test func aFullDiskThrowsAndCountsNothing() async throws {
    let file = DeadLetterFile(
      {
        var options = DeadLetterOptions(); options.path = "/dev/full"; return options
      }())
    await #expect(throws: FileFailure.self) { try await file.take([rejected(bulk(1))]) }
    #expect(file.counts.kept == .zero)
  }

  @Test func aHalfWrittenLastLineDoesNotSpoilTheNext() async throws {
    folder.append("{\"time\":\"torn")
    try await folder.file().take([rejected(bulk(1))])
    #expect(folder.letters.count == 1)
    #expect(try DeadLetterSummary(path: folder.path).unreadableLines == 1)
  }

  @Test func twoExportersMayShareAFile() async throws {
    let files = [folder.file { $0.maxBytes = 4000 }, folder.file { $0.maxBytes = 4000 }]
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask { try? await files[number % 2].take([rejected(bulk(number))]) }
      }
    }
    let kept = files.reduce(0) { $0 + $1.counts.kept.records }
    let lost = files.reduce(0) { $0 + $1.counts.evicted.records }
    var found = 0
    for name in folder.files where name.hasSuffix(".ndjson") {
      let lines = folder.text(name).split(separator: "\n")
      found += lines.filter { DeadLetter(line: Array($0.utf8)) != nil }.count
      #expect(folder.text(name).utf8.count <= 4000)
    }
    #expect(kept == 100 && found + lost == 100)
  }

  @Test func isNotRotatedWhileACommandRewritesItAndGrowsToTwiceItsSize() async throws {
    let file = folder.file { $0.maxBytes = 700 }
    try await file.take([rejected(bulk(1))])
    let lock = try #require(RewriteLock(of: folder.path))
    var taken = 1
    while taken < 100, (try? await file.take([rejected(bulk(1))])) != nil { taken += 1 }
    #expect((700..<1700).contains(folder.text().utf8.count) && folder.letters.count == taken)
    lock.release()
    try await file.take([rejected(bulk(1))])
    #expect(folder.letters.count == 1)
  }
}
