import Testing

@testable import LogPipeline

/// The walk over all values of a batch.
@Suite struct RedactionPassTests {
  private func options(pack: String = "default") -> RedactionOptions {
    var options = RedactionOptions()
    options.allowAllKeys = true
    options.detectors = RuleSet.pack(pack) ?? RuleSet()
    return options
  }

  private func options(pack: String = "default", _ edit: (inout RedactionOptions) throws -> Void) rethrows
    -> RedactionOptions
  {
    var options = options(pack: pack)
    try edit(&options)
    return options
  }

  private func process(_ batch: consuming LogBatch, _ options: RedactionOptions) -> LogBatch {
    RedactionProcessor(id: "redaction", options).process(&batch)
    return batch
  }

  @Test func everyPlaceOfARecordIsExamined() throws {
    let card = Message.text("4111111111111111")
    let secret: (String, Message) = ("note", card)
    var batch = try LogBatch.decoded(
      resource: resource(secret), scope: attributes(3, [secret]),
      record(secret, ("deep", .map(("a", .array(card, .map(("b", card)))))), body: "paid 4111111111111111"))
    RedactionProcessor(id: "redaction", options()).process(&batch)
    #expect(batch.resourceAttributes == [[.init("note", "****1111")]])
    #expect(batch.scopes.map { batch.readable($0.attributes) } == [[.init("note", "****1111")]])
    #expect(
      batch.recordAttributes == [
        [
          .init("note", "****1111"),
          .init("deep", .map([.init("a", .array(["****1111", .map([.init("b", "****1111")])]))])),
        ]
      ])
    #expect(batch.bodies == ["paid ****1111"])
  }

  @Test func bodiesMayBeMapsAndArrays() throws {
    let body = Message.map(
      ("password", .number(5)), ("ok", .text("fine")), ("list", .array(.text("AKIAIOSFODNN7EXAMPLE"))))
    let batch = process(try LogBatch.decoded(Message.message(5, body)), options())
    #expect(
      batch.bodies == [.map([.init("password", "****"), .init("ok", "fine"), .init("list", .array(["****"]))])])
  }

  @Test func aSensitiveKeyMasksItsWholeValueOfAnyKind() throws {
    let batch = process(
      try LogBatch.decoded(
        record(
          ("db.password", .text("a")), ("api-key", .number(12)), ("credentials", .map(("user", .text("u")))),
          ("token_count", .number(12)), ("auth", .text("")))), options())
    #expect(
      batch.recordAttributes == [
        [
          .init("db.password", "****"), .init("api-key", "****"), .init("credentials", "****"),
          .init("token_count", 12), .init("auth", ""),
        ]
      ])
  }

  @Test func aFlagInAListMasksTheNextElement() throws {
    let words = Message.array(
      .text("mysqld"), .text("--password"), .text("hunter2"), .text("--token"), .text("--verbose"), .text("x"),
      .text("-Password"), .number(1234))
    let batch = process(try LogBatch.decoded(record(("process.command_args", words))), options())
    #expect(
      batch.recordAttributes == [
        [
          .init(
            "process.command_args",
            .array(["mysqld", "--password", "****", "--token", "--verbose", "x", "-Password", "****"]))
        ]
      ])
  }

  @Test func aMemberThatNamesASecretMasksItsSibling() throws {
    let named = Message.map(("name", .text("DB_PASSWORD")), ("value", .text("hunter2")))
    let reversed = Message.map(("value", .map(("string", .text("hunter2")))), ("key", .text("api_key")))
    let other = Message.map(("name", .text("secretary")), ("value", .text("ann")))
    let batch = process(try LogBatch.decoded(record(("env", .array(named, reversed, other)))), options())
    #expect(
      batch.recordAttributes == [
        [
          .init(
            "env",
            .array([
              .map([.init("name", "DB_PASSWORD"), .init("value", "****")]),
              .map([.init("value", "****"), .init("key", "api_key")]),
              .map([.init("name", "secretary"), .init("value", "ann")]),
            ]))
        ]
      ])
  }

  @Test func aPathThatPointsAtASecretMasksItsValue() throws {
    let patch = Message.map(("op", .text("add")), ("path", .text("/a/password")), ("value", .text("hunter2")))
    let reversed = Message.map(("value", .text("hunter2")), ("path", .text("/token")))
    let request = Message.map(("path", .text("/v1/token")), ("text", .text("done")))
    let batch = process(try LogBatch.decoded(record(("patch", .array(patch, reversed, request)))), options())
    #expect(
      batch.recordAttributes == [
        [
          .init(
            "patch",
            .array([
              .map([.init("op", "add"), .init("path", "/a/password"), .init("value", "****")]),
              .map([.init("value", "****"), .init("path", "/token")]),
              .map([.init("path", "/v1/token"), .init("text", "done")]),
            ]))
        ]
      ])
  }

  @Test func ofAListOfPairsTheNameMasksItsValue() throws {
    let pairs = Message.array(
      .array(.text("Authorization"), .text("Bearer hunter2")), .array(.text("Host"), .text("example.com")),
      .array(.text("password"), .text("email"), .text("name")))
    let batch = process(try LogBatch.decoded(record(("headers", pairs))), options())
    #expect(
      batch.recordAttributes == [
        [
          .init(
            "headers",
            .array([
              .array(["Authorization", "****"]), .array(["Host", "example.com"]),
              .array(["password", "email", "name"]),
            ]))
        ]
      ])
  }

  @Test func bytesAreExaminedToo() throws {
    let batch = process(
      try LogBatch.decoded(record(("b", Message.bytes(7, Array("x AKIAIOSFODNN7EXAMPLE".utf8))))), options())
    #expect(batch.recordAttributes == [[.init("b", .bytes(Array("x ****".utf8)))]])
  }

  @Test func numbersAreExaminedOnlyIfAsked() throws {
    let message = record(("n", .number(4_111_111_111_111_111)))
    #expect(process(try LogBatch.decoded(message), options()).recordAttributes == [[.init("n", 4_111_111_111_111_111)]])
    let all = options { $0.redactAllTypes = true }
    #expect(process(try LogBatch.decoded(message), all).recordAttributes == [[.init("n", "****1111")]])
  }

  @Test func numbersInBodiesAreExaminedForBlockedValues() throws {
    let options = try options(pack: "pci") { $0.blockedValues = [try Pattern("^4[0-9]{3}$"), try Pattern("1e-7")] }
    let body = { (value: Message) in Message.message(5, value) }
    let message = Message.map(("n", .number(4711)), ("list", .array(.number(4712), .number(1))), ("b", .bool(true)))
    let batch = process(
      try LogBatch.decoded(
        record(("n", .number(4711))) + body(.number(4711)), body(message), body(.double(1e-7)), body(.number(5))),
      options)
    #expect(batch.recordAttributes[0] == [.init("n", 4711)])
    #expect(
      batch.bodies == [
        "****", .map([.init("n", "****"), .init("list", .array(["****", 1])), .init("b", .bool(true))]), "****", 5,
      ])
    #expect(process(try LogBatch.decoded(body(.number(4711))), self.options()).bodies == [4711])
  }

  @Test func summariesHaveTheCollectorsKeys() throws {
    let message = record(("note", .text("4111111111111111")), ("a", .text("password=hunter2")), body: "token=abcdef")
    let debug = process(try LogBatch.decoded(message), options { $0.summary = .debug })
    #expect(
      debug.recordAttributes == [
        [
          .init("note", "****1111"), .init("a", "password=****"), .init("redaction.masked.keys", "a,note"),
          .init("redaction.masked.count", 2), .init("redaction.body.masked.keys", "body"),
          .init("redaction.body.masked.count", 1),
        ]
      ])
    var options = RedactionOptions()
    options.summary = .info
    #expect(
      process(try LogBatch.decoded(message), options).recordAttributes == [[.init("redaction.redacted.count", 2)]])
  }

  @Test func nothingIsStoredWhenNothingMatches() throws {
    var batch = try LogBatch.decoded(record(("a", .text("b")), body: "plain text 123"))
    let stored = batch.store.count
    RedactionProcessor(id: "redaction", options(pack: "strict")).process(&batch)
    #expect(batch.store.count == stored)
  }
}
