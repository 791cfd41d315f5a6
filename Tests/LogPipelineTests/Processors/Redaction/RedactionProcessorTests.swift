import Testing

@testable import LogPipeline

@Suite struct RedactionProcessorTests {
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

  @Test func listsInJSONAreReadAsThoseOfRecords() {
    let redact = Redacting(pack: "strict")
    for (text, left) in [
      (#"{"args":["--password","hunter2","-v"]}"#, #"{"args":["--password","****","-v"]}"#),
      (#"["--api-key","--token",1234,"a"]"#, #"["--api-key","--token","****","a"]"#),
      (#"[{"name":"DB_PASSWORD","value":"x"}]"#, #"[{"name":"DB_PASSWORD","value":"****"}]"#),
      (#"[{"value":{"a":[1]},"name":"DB_PASSWORD"}]"#, #"[{"value":"****","name":"DB_PASSWORD"}]"#),
      (#"{"value":"a","b":[{"value":"x","key":"token"}]}"#, #"{"value":"a","b":[{"value":"****","key":"token"}]}"#),
      (#"[["X-Api-Key","x"],["Host","y"]]"#, #"[["X-Api-Key","****"],["Host","y"]]"#),
      (#"{"fields":["password","email"]}"#, #"{"fields":["password","email"]}"#),
      (#"[["password","email","name"]]"#, #"[["password","email","name"]]"#),
      (#"[{"op":"add","path":"/a/password","value":"x"}]"#, #"[{"op":"add","path":"/a/password","value":"****"}]"#),
      (#"{"value":["x"],"text":"y","path":"/token"}"#, #"{"value":"****","text":"y","path":"/token"}"#),
      (#"{"path":"/token","name":"pin_secret","text":"x"}"#, #"{"path":"/token","name":"pin_secret","text":"****"}"#),
      (#"{"text":"done","path":"/token","data":"x"}"#, #"{"text":"done","path":"/token","data":"x"}"#),
      (#"{"path":"token","value":"x"}"#, #"{"path":"token","value":"x"}"#),
      (#"{"name":"secretary","value":"ann"}"#, #"{"name":"secretary","value":"ann"}"#),
      (#"{"a":"{"name":"token","value":"x"}"}"#, #"{"a":"{"name":"token","value":"****"}"}"#),
    ] {
      #expect(redact(text) == left)
      #expect(redact(left) == left)
    }
  }

  @Test func aValueThatOnlyLooksRedactedIsMasked() {
    let key = HMACKey(id: "k7", key: Array("0123456789abcdef0123456789abcdef".utf8))
    let redact = Redacting(options { $0.action = .hmac(key, isLabelled: true) })
    let code = String(repeating: "0a", count: 32)
    #expect(redact("password=hmac:k7:\(code)") == "password=hmac:k7:\(code)")
    for secret in [
      "hmac:hunter2:\(code)", "hmac:k7:hunter2:\(code)", "hmac:k7:\(code)hunter2", "hmac:k7:\(code.uppercased())",
      "sha256:hunter2:\(code)", "sha256:\(code)0", "md5:\(code)", "****hunter2",
    ] {
      #expect(!redact("password=\(secret)").contains(secret))
      #expect(!redact(secret, key: "x").isEmpty)
    }
  }

  @Test func jsonInAStringStaysJSON() throws {
    let redact = Redacting(pack: "default")
    #expect(
      redact(#"{"password": {"a": [1, "x"]}, "n": 4111111111111111, "s": "a\n4111111111111111\u0020A", "t": true}"#)
        == #"{"password": "****", "n": "****1111", "s": "a\n****1111 A", "t": true}"#)
    #expect(redact(#" {"pass\u0077ord":"x", "b":"ok"}"#) == #" {"pass\u0077ord":"****", "b":"ok"}"#)
    #expect(redact(#"{"a":"{\"token\":\"x\",\"c\":[1]}"}"#) == #"{"a":"{\"token\":\"****\",\"c\":[1]}"}"#)
    #expect(redact(#"["a", {"n": 4111111111111111}]"#) == #"["a", {"n": "****1111"}]"#)
    #expect(redact(#"{"s":"a\n4111111111111111"}"#) == #"{"s":"a\n****1111"}"#)
    #expect(redact(#"{"a": 1, "password": null, "token": ""}"#) == #"{"a": 1, "password": null, "token": ""}"#)
  }

  @Test func blockedAndIgnoredKeysCountInJSONHeldInAString() throws {
    let redact = Redacting(
      try options {
        $0.blockedKeyPatterns = [try Pattern("^ssn_")]
        $0.ignoredKeys = ["note"]
      })
    #expect(
      redact(#"{"ssn_raw":[1,2],"note":{"password":"x"},"b":{"ssn_x":"y","ssn_z":null}}"#)
        == #"{"ssn_raw":"****","note":{"password":"x"},"b":{"ssn_x":"****","ssn_z":null}}"#)
  }

  @Test func aPatternThatReadsFarIsSearchedUpToItsLimitAndTheValueThenMaskedUnread() throws {
    let redact = Redacting(try options(pack: "pci") { $0.blockedValues = [try Pattern("a.*z|a")] })
    let length = 1 << 16
    // Each search is taken to read to the end of the text, which is nearly its length.
    let most = MatchFinder.maxReads
    let text = { (count: Int) in String(repeating: "a", count: count) + String(repeating: ".", count: length - count) }
    #expect(redact(text(most)) == String(repeating: "****", count: most) + String(repeating: ".", count: length - most))
    #expect(redact(text(most + 1)) == "****")
  }

  @Test func severalPatternsAreAllFound() throws {
    let redact = Redacting(
      try options(pack: "pci") { $0.blockedValues = [try Pattern("foo+"), try Pattern("(?i)BAR$"), try Pattern("^x")] })
    #expect(redact("xa fooo bar") == "****a **** ****")
    #expect(redact("no such thing") == "no such thing")
  }

  @Test func whatIsNoJSONIsReadAsText() {
    let redact = Redacting(pack: "default")
    #expect(redact("[main] card 4111111111111111") == "[main] card ****1111")
    #expect(redact(#"{"password":"x"} trailing"#) == #"{"password":"****"} trailing"#)
    #expect(redact(#"{"password":"xyz""#) == #"{"password":"****""#)
    #expect(redact("{token=abcdef}") == "{token=****}")
  }

  @Test func jsonAsDeepAsTheLimitIsReadAndDeeperIsMaskedUnread() {
    let redact = Redacting(pack: "default")
    let nested = { String(repeating: "[", count: $0) + #"{"password":"x"}"# + String(repeating: "]", count: $0) }
    #expect(redact(nested(63)).contains(#"{"password":"****"}"#))
    #expect(redact(nested(64)) == "****")
  }

  @Test func aValueAsLongAsTheLimitIsReadAndALongerOneMaskedUnread() {
    let redact = Redacting(options { $0.maxValueBytes = 10 })
    #expect(redact("0123456789") == "0123456789")
    #expect(redact("0123456789a") == "****")
  }

  @Test func anEmptyAllowListRemovesEverything() throws {
    let batch = process(
      try LogBatch.decoded(resource: resource(("a", .text("b"))), record(("c", .text("d")), body: "text")),
      RedactionOptions())
    #expect(batch.resourceAttributes == [[]])
    #expect(batch.recordAttributes == [[]])
    #expect(batch.bodies == ["text"])
  }

  @Test func allowedAndIgnoredKeysStay() throws {
    var options = RedactionOptions()
    options.allowedKeys = ["group", "id"]
    options.ignoredKeys = ["safe"]
    options.ignoredKeyPatterns = [try Pattern("^trusted_")]
    options.blockedValues = [try Pattern("4[0-9]{12}(?:[0-9]{3})?")]
    let batch = process(
      try LogBatch.decoded(
        record(
          ("id", .number(5)), ("group", .text("a 4111111111111111 b")), ("safe", .text("4111111111111111")),
          ("trusted_x", .text("4111111111111111")), ("other", .text("x")))), options)
    #expect(
      batch.recordAttributes == [
        [
          .init("id", 5), .init("group", "a **** b"), .init("safe", "4111111111111111"),
          .init("trusted_x", "4111111111111111"),
        ]
      ])
  }

  @Test func allowedValuesWinOverBlockedOnesAndDetectors() throws {
    let options = try options {
      $0.blockedValues = [try Pattern("mycompany.com")]
      $0.allowedValues = [try Pattern("support.mycompany.com")]
    }
    let redact = Redacting(options)
    #expect(redact("a@mycompany.com") == "a@****")
    #expect(redact("support.mycompany.com password=hunter2") == "support.mycompany.com password=hunter2")
  }

  @Test func blockedKeysMaskTheWholeValueAcrossLines() throws {
    let options = try options(pack: "pci") { $0.blockedKeyPatterns = [try Pattern(".*stack.*")] }
    let batch = process(try LogBatch.decoded(record(("mystack", .text("a\nb")), ("b", .text("a\nb")))), options)
    #expect(batch.recordAttributes == [[.init("mystack", "****"), .init("b", "a\nb")]])
  }

  @Test func patternsOfTheConfigurationHaveActionsOfTheirOwn() throws {
    let options = try options(pack: "pci") {
      $0.rules = [
        .init(
          id: "order", pattern: try Pattern("ORD-[0-9]+"), action: .mask(text: "<order>", .keep(first: 4, last: 1))),
        .init(id: "credit_card", pattern: nil, action: .delete),
        .init(id: "person", pattern: try Pattern("名字：\\S+"), action: .mask(text: "*", .keep(first: 4, last: 0))),
      ]
    }
    let redact = Redacting(options)
    #expect(redact("ORD-12345 by 4111111111111111.") == "ORD-<order>5 by .")
    #expect(redact("名字：王小明 ok") == "名字：王* ok")
  }

  @Test func digestsAreLabelledAndNotDigestedAgain() {
    let key = HMACKey(id: "k7", key: Array("0123456789abcdef0123456789abcdef".utf8))
    let redact = Redacting(options { $0.action = .hmac(key, isLabelled: true) })
    let once = redact("password=hunter2 card 4111111111111111")
    #expect(once.hasPrefix("password=hmac:k7:") && once.contains("card hmac:k7:"))
    #expect(once.count == "password= card ".count + 2 * ("hmac:k7:".count + 64))
    #expect(redact(once) == once)
    let hash = Redacting(options { $0.action = .hash(.sha256, isLabelled: true) })
    #expect(
      hash("token=abc")
        == "token=sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func deletingTakesTheKeyOfAPairAlong() throws {
    let options = options { $0.action = .delete }
    #expect(Redacting(options)("user=bob password=hunter2 x=1") == "user=bob  x=1")
    let batch = process(
      try LogBatch.decoded(record(("a", .text("b")), ("password", .text("x")), ("c", .text("d")))), options)
    #expect(batch.recordAttributes == [[.init("a", "b"), .init("c", "d")]])
  }

  @Test func masksKeepWholeCharacters() {
    let rule = CompiledRule(id: "x", action: .mask(text: "*", .keep(first: 2, last: 1)))
    func masked(_ text: String) -> String {
      var writer = ByteWriter()
      Array(text.utf8).withUnsafeBytes { rule.append($0, isMerged: false, to: &writer) }
      return String(decoding: writer.array, as: UTF8.self)
    }
    #expect(masked("王小明同志") == "王小*志")
    #expect(masked("abc") == "*")
    #expect(masked("abcd") == "ab*d")
    #expect(masked("é😀ü") == "*")
  }

  @Test func countersTellRulesAndActions() throws {
    let processor = RedactionProcessor(id: "redaction", options(pack: "pci"))
    var batch = try LogBatch.decoded(record(body: "4111111111111111 5555555555554444"), record(body: "nothing"))
    processor.process(&batch)
    #expect(processor.redactions.first { $0.rule == "credit_card" }?.count == 2)
    #expect(processor.redactions.first { $0.rule == "credit_card" }?.action == "mask")
    #expect(processor.redactions.filter { $0.count > 0 }.count == 1)
  }
}
