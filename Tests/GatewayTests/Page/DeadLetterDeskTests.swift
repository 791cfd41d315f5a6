import Testing

@testable import Gateway

@Suite struct DeadLetterDeskTests {
  private let sample: DeadLetterSample

  init() async throws { sample = try await DeadLetterSample() }

  @Test func filesAreThoseOfExportersWithWhatWasSetAside() async throws {
    try sample.write([sample.line(1)])
    try sample.write([sample.line(2)], to: "letters-2026-01-31T23-59-59.000.ndjson")
    try sample.write([sample.line(3)], to: "other.ndjson")
    #expect(
      sample.desk.files.map(\.path).map { $0.dropFirst(sample.folder.path.count + 1) } == [
        "letters.ndjson", "letters-2026-01-31T23-59-59.000.ndjson",
      ])
    #expect(sample.desk.files.map(\.isBackup) == [false, true])
    let text = try await sample.answer("").text
    #expect(text.contains("{\"id\":\"elasticsearch\",\"can_replay\":true},{\"id\":\"otlp\",\"can_replay\":false}"))
    #expect(try await sample.answer("", "file=\(sample.folder.path)/other.ndjson").status == 404)
    #expect(try await sample.answer("/letters", "file=/etc/passwd").status == 404)
    #expect(try await sample.answer("/purge", form: "all=1&file=\(sample.folder.path)/other.ndjson").status == 404)
  }

  /// Nothing listens there; the letters stay.
  @Test func oneReplayRunsAtATimeAndEndsWithTheGateway() async throws {
    try sample.write([sample.line(1), sample.line(2, exporter: "otlp")])
    #expect(try await sample.answer("/replay", form: sample.file).status == 400)
    #expect(try await sample.answer("/replay", form: "\(sample.file)&exporter=nop").status == 404)
    let (status, text) = try await sample.answer("/replay", form: "\(sample.file)&exporter=otlp")
    #expect(status == 409 && text.contains("sluice dead-letter replay"))
    #expect(try await sample.answer("/replay/progress").text == "null\n")
    #expect(try await sample.answer("/replay", form: "\(sample.file)&exporter=elasticsearch").status == 200)
    #expect(try await sample.answer("/replay", form: "\(sample.file)&exporter=elasticsearch").status == 409)
    #expect(sample.desk.job?.state == .running)
    await sample.desk.end()
    #expect(
      sample.desk.job?.state == .done && sample.desk.job?.outcome.wasStopped == true
        && sample.desk.job?.outcome.untouchedLetters == 2)
    #expect(sample.folder.text("letters.ndjson") == sample.line(1) + sample.line(2, exporter: "otlp"))
    #expect(try await sample.answer("/replay", form: "\(sample.file)&exporter=elasticsearch").status == 503)
    #expect(
      sample.log.lines("dead letters are sent again").count == 1
        && sample.log.lines("dead letters were sent again").count == 1)
    await sample.assembly.close()
  }
}
