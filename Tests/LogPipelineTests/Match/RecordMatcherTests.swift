import LogPipeline
import Testing

@Suite struct RecordMatcherTests {
  /// Two resources with a scope each, and four records.
  private func batch() throws -> LogBatch {
    let first = Message(
      .message(1, resource(("host.name", .text("a")), ("env", .text("dev")))),
      .message(
        2,
        Message(
          .message(1, Message(.string(1, "lib"), .string(2, "1.0"))),
          .message(2, record(("k", .text("v")), ("n", .number(5)), body: "started", severity: 9, text: "INFO")),
          .message(2, record(body: "an error", severity: 17, text: "ERROR")))))
    let second = Message(
      .message(1, resource(("host.name", .text("b")))),
      .message(
        2,
        Message(
          .message(1, Message(.string(1, "other"))),
          .message(2, record(("k", .bool(true)), ("d", .double(2)))),
          .message(2, Message(.message(5, .map(("x", .number(1))))) + .int(2, 8)))))
    return try .decoded(request: Message(.message(1, first), .message(1, second)))
  }

  private func matches(_ conditions: RecordMatcher.Condition...) throws -> [Bool] {
    let batch = try batch()
    return RecordMatcher(conditions).matches(in: batch)
  }

  private func attribute(_ key: String, _ constant: Constant? = nil) -> AttributeMatcher {
    AttributeMatcher(key: key, constant.map { .equal($0) } ?? .any)
  }

  private func attribute(_ key: String, pattern: String) throws -> AttributeMatcher {
    AttributeMatcher(key: key, .text(try TextMatcher([pattern], .regexp)))
  }

  @Test func everythingMatchesNoCondition() throws {
    #expect(try matches() == [true, true, true, true])
  }

  @Test func matchesBodies() throws {
    #expect(try matches(.body(TextMatcher(["started", "other"], .strict))) == [true, false, false, false])
    #expect(try matches(.body(TextMatcher(["err|art"], .regexp))) == [true, true, false, false])
    #expect(try matches(.body(TextMatcher([#"{"x":1}"#], .strict))) == [false, false, false, true])
    #expect(try matches(.body(TextMatcher([""], .strict))) == [false, false, true, false])
  }

  @Test func matchesSeverityTexts() throws {
    #expect(try matches(.severityText(TextMatcher(["INFO"], .strict))) == [true, false, false, false])
    #expect(try matches(.severityText(TextMatcher(["^(INFO|ERR.*)$"], .regexp))) == [true, true, false, false])
  }

  @Test func matchesSeverityNumbers() throws {
    #expect(try matches(.severityNumber(minimum: 9, matchUndefined: false)) == [true, true, false, false])
    #expect(try matches(.severityNumber(minimum: 9, matchUndefined: true)) == [true, true, true, false])
    #expect(try matches(.severityNumber(minimum: 18, matchUndefined: false)) == [false, false, false, false])
    #expect(try matches(.severityNumber(minimum: 0, matchUndefined: false)) == [true, true, false, true])
  }

  @Test func matchesAttributesByKindAndValue() throws {
    #expect(try matches(.attribute(attribute("k"))) == [true, false, true, false])
    #expect(try matches(.attribute(attribute("k", .string("v")))) == [true, false, false, false])
    #expect(try matches(.attribute(attribute("k", .bool(true)))) == [false, false, true, false])
    #expect(try matches(.attribute(attribute("n", .string("5")))) == [false, false, false, false])
    #expect(try matches(.attribute(attribute("n", .int(5)))) == [true, false, false, false])
    #expect(try matches(.attribute(attribute("d", .double(2)))) == [false, false, true, false])
  }

  @Test func patternsSeeTheTextOfNumbersAndTruthValues() throws {
    #expect(try matches(.attribute(attribute("n", pattern: "^5$"))) == [true, false, false, false])
    #expect(try matches(.attribute(attribute("k", pattern: "^(true|v)$"))) == [true, false, true, false])
    #expect(try matches(.attribute(attribute("d", pattern: "^2$"))) == [false, false, true, false])
  }

  @Test func matchesResourcesAndScopes() throws {
    #expect(try matches(.resourceAttribute(attribute("env"))) == [true, true, false, false])
    #expect(try matches(.resourceAttribute(attribute("host.name", pattern: "[bc]"))) == [false, false, true, true])
    let lib = try ScopeMatcher(name: TextMatcher(["lib"], .strict), version: TextMatcher(["1.0"], .strict))
    let noVersion = try ScopeMatcher(name: TextMatcher(["o.*"], .regexp), version: TextMatcher([""], .strict))
    #expect(try matches(.scope([lib])) == [true, true, false, false])
    #expect(try matches(.scope([noVersion])) == [false, false, true, true])
    #expect(try matches(.scope([lib, noVersion])) == [true, true, true, true])
    let wrongVersion = try ScopeMatcher(name: TextMatcher(["lib"], .strict), version: TextMatcher(["2.0"], .strict))
    #expect(try matches(.scope([wrongVersion])) == [false, false, false, false])
  }

  @Test func allConditionsMustHold() throws {
    #expect(
      try matches(
        .resourceAttribute(attribute("env")), .severityNumber(minimum: 17, matchUndefined: false),
        .body(TextMatcher(["error"], .regexp))) == [false, true, false, false])
  }

  @Test func negatesAndCombines() throws {
    let debug = RecordMatcher.Condition.attribute(attribute("no such key"))
    #expect(try matches(.not(debug)) == matches())
    #expect(try matches(.any([])).allSatisfy { !$0 })
    #expect(try matches(.all([])) == matches())
    #expect(try matches(.any([debug, .not(debug)])) == matches())
    #expect(try matches(.all([debug, .not(debug)])).allSatisfy { !$0 })
  }

  @Test func comparesNestedConstants() throws {
    let value = Message.map(("a", .array(.number(1), .text("x"))), ("b", Message()))
    let batch = try LogBatch.decoded(record(("m", value)))
    let list = Constant.array([.int(1), .string("x")])
    let cases: [(Constant, Bool)] = [
      (.map([.init("a", list), .init("b", .empty)]), true), (.map([.init("b", .empty), .init("a", list)]), true),
      (.map([.init("a", list)]), false), (.map([.init("a", .array([.int(1)])), .init("b", .empty)]), false),
      (.map([.init("a", .array([.string("x"), .int(1)])), .init("b", .empty)]), false), (list, false),
    ]
    for (constant, expected) in cases {
      let matches = RecordMatcher([.attribute(attribute("m", constant))]).matches(in: batch)
      #expect(matches == [expected])
    }
  }

  @Test func includesBeforeItExcludes() throws {
    let batch = try batch()
    let dev = RecordMatcher([.resourceAttribute(attribute("env"))])
    let errors = RecordMatcher([.severityNumber(minimum: 17, matchUndefined: false)])
    let selected = [
      RecordSelection().selected(in: batch), RecordSelection(include: dev, exclude: errors).selected(in: batch),
      RecordSelection(exclude: errors).selected(in: batch),
      RecordSelection(include: dev, exclude: dev).selected(in: batch),
    ]
    #expect(
      selected == [nil, [true, false, false, false], [true, false, true, true], [false, false, false, false]])
  }
}
