import Testing

@testable import Gateway

@Suite struct DeadLetterRoutesTests {
  private let sample: DeadLetterSample

  init() async throws { sample = try await DeadLetterSample() }

  @Test func lettersAreListedWithoutWhatTheyHold() async throws {
    try sample.write([sample.line(1), "garbage\n", sample.line(2, reason: "other: x"), sample.line(3)])
    let (status, text) = try await sample.answer("/letters", sample.file)
    #expect(status == 200)
    #expect(
      text.contains("\"kind\":\"mapper_parsing_exception\"") && !text.contains("secret") && !text.contains("document"))
    #expect(try await sample.places().count == 3)
    #expect(try await sample.places("kind=other").count == 1)
    #expect(try await sample.places("reason=secret").count == 2)
    #expect(try await sample.places("before=2026-01-03").count == 2)
    #expect(try await sample.places("exporter=otlp") == [])
    #expect(try await sample.answer("/letters", "\(sample.file)&before=yesterday").status == 400)
    let groups = try await sample.answer("", sample.file).text
    #expect(groups.contains("\"kind\":\"other\",\"letters\":1,\"records\":1"))
    #expect(groups.contains("\"unreadable_lines\":1"))
  }

  @Test func aListGoesOnWhereItEnded() async throws {
    try sample.write((1...5).map { sample.line($0) })
    let first = try await sample.answer("/letters", "\(sample.file)&limit=2").text
    let next = first.components(separatedBy: "\"next\":").last?.prefix { $0.isNumber } ?? ""
    #expect(next == "\(2 * sample.line(1).utf8.count)")
    let rest = try await sample.answer("/letters", "\(sample.file)&limit=500&from=\(next)")
    #expect(rest.text.components(separatedBy: "\"place\"").count == 4 && rest.text.hasSuffix("\"next\":null}\n"))
    let (status, text) = try await sample.answer("/letters", "\(sample.file)&limit=501")
    #expect(status == 400 && text.contains("501") && text.contains("500"))
  }

  @Test func whatALetterSaysIsShownWhenAskedForAndWrittenToTheLog() async throws {
    try sample.write([sample.line(1), sample.line(2)])
    let place = try await sample.places()[1]
    let (status, text) = try await sample.answer("/letter", form: "\(sample.file)&place=\(place)")
    #expect(status == 200 && text.contains("secret") && text.contains("{\\\"n\\\":2}"))
    let audit = try #require(sample.log.lines("a dead letter is looked at").first)
    #expect(
      audit.level == .notice && audit.fields["by"] == "127.0.0.1:5" && audit.fields["exporter"] == "elasticsearch")
    #expect(!"\(sample.log.lines)".contains("secret"))
    // Another letter that stands there later is not it.
    try sample.write([sample.line(3), sample.line(4)])
    #expect(try await sample.answer("/letter", form: "\(sample.file)&place=\(place)").status == 404)
    #expect(try await sample.answer("/letter", form: "\(sample.file)&place=12").status == 400)
    #expect(try await sample.answer("/letter", form: "\(sample.file)&place=99999-1").status == 404)
  }

  @Test func onlyWhatIsNamedIsRemoved() async throws {
    try sample.write([sample.line(1), sample.line(2, reason: "other: mapper_parsing_exception"), sample.line(3)])
    #expect(try await sample.answer("/purge", form: sample.file).status == 400)
    let places = try await sample.places()
    #expect(try await sample.answer("/purge", form: "\(sample.file)&place=\(places[2])") == (200, "{\"purged\":1}\n"))
    #expect(
      sample.folder.text("letters.ndjson") == sample.line(1) + sample.line(2, reason: "other: mapper_parsing_exception")
    )
    #expect(try await sample.answer("/purge", form: "\(sample.file)&place=\(places[2])") == (200, "{\"purged\":0}\n"))
    #expect(
      try await sample.answer("/purge", form: "\(sample.file)&kind=mapper_parsing_exception") == (
        200, "{\"purged\":1}\n"
      ))
    #expect(try await sample.answer("/purge", form: "\(sample.file)&place=x").status == 400)
    #expect(try await sample.answer("/purge", form: "\(sample.file)&all=1") == (200, "{\"purged\":1}\n"))
    #expect(sample.folder.text("letters.ndjson") == "")
    #expect(sample.log.lines("dead letters are removed").map { $0.fields["letters"] } == ["1", "0", "1", "1"])
  }
}
