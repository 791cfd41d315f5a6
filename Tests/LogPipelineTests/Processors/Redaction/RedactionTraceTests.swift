import Testing

@testable import LogPipeline

/// What is told of a redaction, beside what it leaves.
@Suite struct RedactionTraceTests {
  private typealias Piece = RedactedValue.Piece

  private func options(_ rules: Rule...) -> RedactionOptions {
    var options = RedactionOptions()
    options.allowAllKeys = true
    for rule in rules { options.detectors.insert(rule) }
    return options
  }

  private func trace(_ text: String, _ options: RedactionOptions) -> [RedactedValue] {
    var batch = LogBatch()
    batch.store = Array(text.utf8)
    batch.resources = [Resource()]
    batch.scopes = [Scope()]
    var record = LogRecord()
    record.body = .string(ByteSlice(0..<batch.store.count))
    batch.records = [record]
    var request = RequestContext()
    return RedactionProcessor(id: "redaction", options).trace(&batch, of: &request)
  }

  @Test func whatIsTakenOfATextHasItsPlaceAndItsRule() {
    let values = trace("é 4111111111111111, a@b.com", options(.creditCard, .email))
    #expect(values.map(\.path) == ["body"] && values.map(\.owner) == ["record 1"])
    #expect(
      values.first?.before == [
        Piece(text: "é "), Piece(text: "4111111111111111", rule: "credit_card"), Piece(text: ", "),
        Piece(text: "a@b.com", rule: "email"),
      ])
    #expect(values.first?.after == "é ****1111, a***@b.com" || values.first?.after?.hasPrefix("é ****1111, ") == true)
    #expect(values.first?.others == [])
    #expect(trace("nothing", options(.creditCard)) == [])
  }

  /// A string of JSON with escapes has no place of its own in the text: all of it is marked.
  @Test func whatIsTakenOfJSONInATextHasAPlace() {
    let values = trace(
      #"{"a":"4111111111111111 x","b":"\t4111111111111111","password":"\u0041b"}"#,
      {
        options(.creditCard, .keyName)
      }())
    #expect(
      values.first?.before == [
        Piece(text: #"{"a":""#), Piece(text: "4111111111111111", rule: "credit_card"), Piece(text: #" x","b":""#),
        Piece(text: #"\t4111111111111111"#, rule: "credit_card"), Piece(text: #"","password":"#),
        Piece(text: #""\u0041b""#, rule: "key_name"), Piece(text: "}"),
      ])
    #expect(values.first?.after == #"{"a":"****1111 x","b":"\t****1111","password":"****"}"#)
  }

  @Test func aValueThatCannotBeExaminedIsTakenWhole() {
    var options = options(.creditCard)
    options.maxValueBytes = 4
    #expect(trace("12345", options).first?.before == [Piece(text: "12345", rule: "unexaminable")])
    #expect(trace("1234", options) == [])
  }

  @Test func attributesAreToldByTheirOwnersAndPaths() throws {
    var options = options(.creditCard, .keyName)
    options.allowAllKeys = false
    options.allowedKeys = ["note", "deep", "password"]
    options.rules = [.init(id: "key_name", pattern: nil, action: .delete)]
    let card: (String, Message) = ("note", Message.text("4111111111111111"))
    var batch = try LogBatch.decoded(
      resource: resource(card), scope: attributes(3, [card]),
      record(
        card, ("deep", .map(("password", .text("x")), ("n", .array(.text("4111111111111111"))))), ("gone", .text("z"))))
    var request = RequestContext()
    let values = RedactionProcessor(id: "redaction", options).trace(&batch, of: &request)
    #expect(
      values.map { "\($0.owner) \($0.path) \($0.after ?? "-")" } == [
        "resource 1 attributes.note ****1111", "scope 1 attributes.note ****1111", "record 1 attributes.note ****1111",
        "record 1 attributes.deep.password -", "record 1 attributes.deep.n.[0] ****1111", "record 1 attributes.gone -",
      ])
    #expect(values.last?.before == [Piece(text: "z", rule: "allowed_keys")])
  }

  /// Who looks must see what would happen.
  @Test func aTracedBatchIsRedactedAsAnyOther() throws {
    let text = #"{"note":"card 4111111111111111","list":["--password","x"]} token=abcdef"#
    var (plain, traced) = (text, text)
    for isTraced in [false, true] {
      var batch = LogBatch()
      batch.store = Array(text.utf8)
      batch.resources = [Resource()]
      batch.scopes = [Scope()]
      var record = LogRecord()
      record.body = .string(ByteSlice(0..<batch.store.count))
      batch.records = [record]
      var request = RequestContext()
      let processor = RedactionProcessor(id: "redaction", options(.creditCard, .keyName, .secretKV))
      if isTraced { _ = processor.trace(&batch, of: &request) } else { processor.process(&batch, of: &request) }
      let left = String(decoding: batch.store[batch.records[0].body.slice.range], as: UTF8.self)
      if isTraced { traced = left } else { plain = left }
    }
    #expect(plain == traced && plain != text)
  }

  /// Time stays linear in the number of matches.
  @Test func manyMatchesAreToldOnce() {
    let text = String(repeating: "a@b.com ", count: 20_000)
    let pieces = trace(text, options(.email)).first?.before ?? []
    #expect(pieces.count == 40_000)
    #expect(pieces.map(\.text).joined() == text)
  }
}
