import LogStore
import Testing

@testable import Gateway

@Suite struct SelectQuestionTests {
  private let now: UInt64 = 1_767_225_600_000_000_000

  private func arguments(_ query: String, form: String = "") -> SelectArguments {
    SelectArguments(query: query, form: form)
  }

  private func question(_ kind: SelectQuestion.Kind, _ query: String) throws -> SelectQuestion {
    try SelectQuestion(kind, arguments(query), nowUnixNano: now)
  }

  @Test func argumentsAreOfTheAddressAndOfTheForm() {
    let both = arguments("a=1&b=%E6%94%AF+x%2B&c", form: "a=2&d=%zz&e=x=y")
    #expect(both.all("a") == ["1", "2"] && both["b"] == "支 x+" && both["c"] == nil && both["f"] == nil)
    #expect(both["d"] == "%zz" && both["e"] == "x=y")
  }

  @Test func countsAndDurations() throws {
    #expect(try arguments("n=0").count("n") == nil && arguments("n=7").count("n") == 7)
    #expect(throws: SelectRefusal("n: expected a number from 0 on, found -1")) { try arguments("n=-1").count("n") }
    #expect(try arguments("d=1.5").duration("d") == .milliseconds(1500))
    #expect(try arguments("d=5m").duration("d") == .seconds(300) && arguments("").duration("d") == nil)
    for text in ["0", "0s", "x", "-5m"] {
      #expect(throws: SelectRefusal.self) { try arguments("d=\(text)").duration("d") }
    }
  }

  @Test func times() throws {
    let minute: UInt64 = 60_000_000_000
    #expect(try arguments("t=now").moment("t", nowUnixNano: now) == now)
    for text in ["5m", "-5m"] { #expect(try arguments("t=\(text)").moment("t", nowUnixNano: now) == now - 5 * minute) }
    #expect(try arguments("t=2026-01-01").moment("t", nowUnixNano: 0) == now)
    #expect(try arguments("t=1767225600").moment("t", nowUnixNano: 0) == now)
    #expect(try arguments("t=1767225600000").moment("t", nowUnixNano: 0) == now)
    #expect(try arguments("").times(nowUnixNano: now) == nil)
    #expect(try arguments("start=1767225600").times(nowUnixNano: now) == now...UInt64.max)
    #expect(try arguments("end=1767225600").times(nowUnixNano: now) == 0...now - 1)
    #expect(try arguments("start=now&end=5m").times(nowUnixNano: now) == now...now)
  }

  @Test func theLeastLimitAndTheSumOfOffsetsCount() throws {
    let question = try question(.query, "query=a|limit+5|offset+2&limit=3&offset=4")
    #expect(question.pipes.limit == 3 && question.pipes.offset == 6)
    let most = try self.question(.query, "query=a|offset+\(Int.max)&offset=\(Int.max)")
    #expect(most.pipes.offset == .max)
  }

  @Test func aTailLooksNeitherTooOftenNorTooSeldom() throws {
    #expect(try question(.tail, "query=a").tailTimes().interval == .seconds(1))
    #expect(try question(.tail, "query=a&refresh_interval=1ms").tailTimes().interval == .milliseconds(100))
    #expect(try question(.tail, "query=a&refresh_interval=2h").tailTimes().interval == .seconds(60))
    #expect(try question(.tail, "query=a&start_offset=5s").tailTimes().back == .seconds(5))
  }

  @Test func aContextIsOfOneRecord() throws {
    let question = try question(.streamContext, "_stream_id=00000000000000ff&_time=1767225600000000001&before=3")
    #expect(question.pipes.context?.before == 3 && question.pipes.context?.after == 10)
    guard case .and(let parts) = question.query, case .stream(255) = parts[0], case .time(let range) = parts[1] else {
      Issue.record("another query")
      return
    }
    #expect(range == now + 1...now + 1)
  }

  @Test func defaultsAreThoseOfVictoriaLogs() throws {
    let counts = try question(.facets, "query=a").facetCounts()
    #expect(counts == (10, 1000, 128))
    #expect(try question(.hits, "query=a").steps().nanoseconds == 86_400_000_000_000)
    #expect(try question(.hits, "query=a&step=1h&offset=30m").steps().offset == 1_800_000_000_000)
    #expect(try question(.query, "query=a").contentType == "application/stream+json")
    #expect(try question(.query, "query=a&format=otlp").contentType == "application/x-protobuf")
    #expect(try question(.hits, "query=a").contentType == "application/json")
  }
}
