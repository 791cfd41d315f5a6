import Testing

@testable import LogPipeline

@Suite struct DuplicateKeyTests {
  private func keys(
    _ fields: DuplicateFields, _ identity: RecordIdentity, _ records: Message...
  ) throws -> [DuplicateKey] {
    var scopeLogs = Message()
    for record in records { scopeLogs = scopeLogs + Message.message(2, record) }
    let batch = try LogBatch.decoded(request: Message.message(1, Message(Message.message(2, scopeLogs))))
    return fields.keys(of: batch, identity: identity)
  }

  private func areSame(
    _ a: Message, _ b: Message, by fields: DuplicateFields = .allBut(RecordFields()),
    identity: RecordIdentity = .standard
  ) throws -> Bool {
    let keys = try keys(fields, identity, a, b)
    return keys[0] == keys[1]
  }

  private func fields(_ paths: String...) -> RecordFields { RecordFields(paths.compactMap { RecordFieldPath($0) }) }

  @Test func timesAndIdsDoNotCount() throws {
    let time = Message.fixed64(1, 5)
    #expect(try areSame(record(("a", .number(1)), body: "x"), record(("a", .number(1)), body: "x") + time))
  }

  @Test func orderDoesNotCount() throws {
    #expect(
      try areSame(
        record(("a", .number(1)), ("b", .map(("x", .number(1)), ("y", .number(2))))),
        record(("b", .map(("y", .number(2)), ("x", .number(1)))), ("a", .number(1)))))
  }

  @Test func whatDiffersDiffers() throws {
    let base = record(("a", .number(1)), body: "x", severity: 9, text: "INFO")
    let others = [
      record(("a", .number(2)), body: "x", severity: 9, text: "INFO"),
      record(("b", .number(1)), body: "x", severity: 9, text: "INFO"),
      record(("a", .text("1")), body: "x", severity: 9, text: "INFO"),
      record(("a", .number(1)), ("c", .number(1)), body: "x", severity: 9, text: "INFO"),
      record(("a", .number(1)), body: "y", severity: 9, text: "INFO"),
      record(("a", .number(1)), body: "x", severity: 10, text: "INFO"),
      record(("a", .number(1)), body: "x", severity: 9, text: "INFo"),
      record(("a", .array(.number(1))), body: "x", severity: 9, text: "INFO"),
    ]
    for other in others { #expect(try !areSame(base, other)) }
    #expect(try !areSame(record(("a", .array(.number(1), .number(2)))), record(("a", .array(.number(2), .number(1))))))
    #expect(try !areSame(record(("ab", .text("c"))), record(("a", .text("bc")))))
  }

  @Test func resourcesAndScopesCount() throws {
    func request(_ service: String, _ scope: String) -> Message {
      let logs = Message(Message.message(1, Message.string(1, scope)), Message.message(2, record(body: "x")))
      return Message.message(
        1, Message(Message.message(1, resource(("service.name", .text(service)))), Message.message(2, logs)))
    }
    let batch = try LogBatch.decoded(
      request: request("a", "s") + request("b", "s") + request("a", "s") + request("a", "t"))
    let keys = DuplicateFields.allBut(RecordFields()).keys(of: batch)
    #expect(keys[0] == keys[2])
    #expect(Set(keys).count == 3)
  }

  @Test func anEventsNameCountsAndTraceIdsDoIfAsked() throws {
    let event = { (name: String) in record(body: "x") + .string(12, name) }
    let traced = { (byte: UInt8) in record(body: "x") + .bytes(9, [UInt8](repeating: byte, count: 16)) }
    let spanned = { (byte: UInt8) in record(body: "x") + .bytes(10, [UInt8](repeating: byte, count: 8)) }
    #expect(try !areSame(event("login"), event("logout")))
    #expect(try areSame(event("login"), event("login")))
    #expect(try areSame(event("login"), event("logout"), identity: .standard.subtracting(.eventName)))
    for (a, b) in [(traced(1), traced(2)), (spanned(1), spanned(2))] {
      #expect(try areSame(a, b))
      #expect(try !areSame(a, b, identity: .standard.union(.traceIDs)))
      #expect(try areSame(a, a, identity: .standard.union(.traceIDs)))
    }
  }

  @Test func severityMayBeExcluded() throws {
    let a = record(body: "x", severity: 9, text: "INFO")
    let b = record(body: "x", severity: 13, text: "WARN")
    #expect(try !areSame(a, b, identity: .standard.subtracting(.severityNumber)))
    #expect(try areSame(a, b, identity: .standard.subtracting([.severityNumber, .severityText])))
  }

  @Test func excludedFieldsMayDiffer() throws {
    let fields = DuplicateFields.allBut(fields("attributes.id", "attributes.src.ip"))
    let a = record(("id", .number(1)), ("src", .map(("ip", .text("a")), ("port", .number(1)))))
    #expect(
      try areSame(a, record(("id", .number(2)), ("src", .map(("ip", .text("b")), ("port", .number(1))))), by: fields))
    #expect(
      try !areSame(a, record(("id", .number(1)), ("src", .map(("ip", .text("a")), ("port", .number(2))))), by: fields))
  }

  @Test func excludedFieldsOfABodyMayDiffer() throws {
    func body(_ time: Int64, _ text: String) -> Message {
      Message.message(5, Message.map(("timestamp", .number(time)), ("text", .text(text))))
    }
    let fields = DuplicateFields.allBut(fields("body.timestamp"))
    #expect(try areSame(body(1, "x"), body(2, "x"), by: fields))
    #expect(try !areSame(body(1, "x"), body(1, "y"), by: fields))
  }

  @Test func includedFieldsAloneCount() throws {
    let fields = DuplicateFields.only(fields("attributes.id", "attributes.src.ip"))
    #expect(try areSame(record(("id", .number(1)), body: "x"), record(("id", .number(1)), body: "y"), by: fields))
    #expect(try !areSame(record(("id", .number(1))), record(("id", .number(2))), by: fields))
    #expect(
      try areSame(
        record(("src", .map(("ip", .text("a")), ("port", .number(1)))), body: "x"),
        record(("src", .map(("ip", .text("a")), ("port", .number(2)))), body: "y"), by: fields))
  }

  @Test func withoutAnyIncludedFieldEverythingCounts() throws {
    let fields = DuplicateFields.only(fields("attributes.id", "attributes.src.ip", "body.a"))
    #expect(try !areSame(record(("x", .number(1)), body: "x"), record(("x", .number(1)), body: "y"), by: fields))
    #expect(
      try !areSame(
        record(("src", .map(("port", .number(1)))), body: "x"),
        record(("src", .map(("port", .number(1)))), body: "y"), by: fields))
    #expect(try areSame(record(body: "x"), record(body: "x"), by: fields))
  }
}
