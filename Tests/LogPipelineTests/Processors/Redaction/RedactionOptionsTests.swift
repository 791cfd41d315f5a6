import Files
import Gateway
import LogPipeline
import Options
import Testing

@Suite struct RedactionOptionsTests {
  /// A configuration whose processor has these options, one a line.
  private func load(_ options: String) throws(ConfigurationError) -> Configuration {
    let indented = options.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
    let yaml = """
      receivers: {otlp: {protocols: {http: }}}
      processors:
        redaction:
      \(indented)exporters: {nop: }
      service: {pipelines: {logs: {receivers: [otlp], processors: [redaction], exporters: [nop]}}}
      """
    return try Configuration.load([.text(yaml, name: "f.yaml")], registry: .standard) { _ in nil }
  }

  private func problems(_ options: String) -> [String] {
    do throws(ConfigurationError) {
      return try load(options).warnings.map(\.description)
    } catch {
      return error.problems.map(\.description)
    }
  }

  /// The attributes `key=text` and the body of a record after the processor.
  private func redacted(_ options: String) throws -> [String] {
    let component = try #require(try load(options).processors.first)
    let processor = try #require(component.options.makeProcessor(id: "redaction"))
    var batch = LogBatch()
    let json = #"""
      {"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"card 4111111111111111"},"attributes":[
      {"key":"group","value":{"stringValue":"a@example.com"}},{"key":"api_key","value":{"stringValue":"abc"}}]}]}]}]}
      """#
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    processor.process(&batch)
    let record = try #require(batch.records.first)
    let text = { (slice: ByteSlice) in String(decoding: batch.store[slice.range], as: UTF8.self) }
    return batch.attributes[record.attributes.indices].map { "\(text($0.key))=\(text($0.value.slice))" }
      + [text(record.body.slice)]
  }

  @Test func withoutOptionsNoAttributeStays() throws {
    #expect(try redacted("") == ["card 4111111111111111"])
  }

  @Test func detectorsKeepAllKeysUnlessAListIsGiven() throws {
    #expect(try redacted("detectors: [default, email]") == ["group=a***@example.com", "api_key=****", "card ****1111"])
    #expect(try redacted("detectors: [pci]\nallowed_keys: [group]") == ["group=a@example.com", "card ****1111"])
    #expect(try redacted("detectors: [pci]\nallow_all_keys: false") == ["card ****1111"])
  }

  @Test func theCollectorsOptionsMeanTheSame() throws {
    let options = """
      allow_all_keys: true
      blocked_key_patterns: [".*api_key.*"]
      blocked_values: ["4[0-9]{12}(?:[0-9]{3})?"]
      allowed_values: [".+@example.com"]
      hash_function: sha1
      summary: silent
      """
    #expect(
      try redacted(options) == [
        "group=a@example.com", "api_key=a9993e364706816aba3e25717850c26c9cd0d89d",
        "card 68bfb396f35af3876fc509665b3dc23a0930aab1",
      ])
  }

  @Test func rulesHaveActions() throws {
    let options = """
      hmac_key: 0123456789abcdef0123456789abcdef
      hmac_key_id: k2
      rules:
      - {id: credit_card, mask: "#", keep_first: 6, keep_last: 2}
      - {id: key_name, action: hmac}
      - {id: at, pattern: "@[a-z.]+", action: delete}
      """
    let left = try redacted(options)
    #expect(left.first == "group=a" && left.last == "card 411111#11")
    #expect(left.count == 3 && left[1].hasPrefix("api_key=hmac:k2:") && left[1].count == 16 + 64)
  }

  @Test func whatIsWrongIsSaidWithItsPlaceAndNoSecret() {
    let wrong = problems(
      """
      detectors: [secrtes]
      blocked_values: ["(a"]
      hash_function: crc32
      hmac_key: tooshort
      rules:
      - {id: mine}
      - {id: jwt, pattern: x}
      - {id: own, pattern: "a+", action: hash, keep_last: 4}
      db_sanitizer: {}
      """)
    #expect(wrong.count == 8)
    for (part, line) in [
      ("did you mean \"secrets\"", 4), ("the pattern is refused", 5), ("found \"crc32\"", 6), ("has 8 bytes, 32", 7),
      ("not a built-in rule", 9), ("has its own detector", 10), ("hash keeps nothing", 11), ("db_sanitizer", 12),
    ] {
      #expect(wrong.contains { $0.contains(part) && $0.contains("f.yaml:\(line):") }, "\(part)")
    }
    #expect(!wrong.contains { $0.contains("tooshort") })
    for name in ["hmac-sha256", "hmac-sha512"] {
      #expect(problems("hash_function: \(name)").contains { $0.contains("\(name) needs hmac_key") })
    }
    for name in ["md5", "sha1", "sha256", "sha3"] {
      #expect(problems("hash_function: \(name)\nblocked_values: [x]\nallow_all_keys: true") == [])
    }
  }

  @Test func everyRuleAndPackIsDocumented() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(5).joined(separator: "/")
    let text = String(decoding: try readFile("\(root)/docs/REDACTION.md", maxBytes: 1 << 20), as: UTF8.self)
    for rule in Rule.allCases { #expect(text.contains("`\(rule.id)`"), "\(rule.id)") }
    for pack in RuleSet.packNames { #expect(text.contains("`\(pack)`") || text.contains("**\(pack)**"), "\(pack)") }
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.split(separator: "|").count == 5 }
    for (pack, mark) in [
      ("default", "d"), ("secrets", "s"), ("pci", "pci"), ("pii-cn", "pii-cn"), ("pii-us", "pii-us"), ("gdpr", "gdpr"),
    ] {
      for row in rows {
        let cells = row.split(separator: "|")
        let marks = cells[1].split(separator: ",").map { $0.filter { $0 != " " } }
        for id in cells[0].split(separator: ",").map({ $0.filter { $0 != " " && $0 != "`" } }) {
          let rule = try #require(Rule(id: id), "\(id)")
          #expect(RuleSet.pack(pack)?.contains(rule) == marks.contains(mark), "\(id) in \(pack)")
        }
      }
    }
  }
}
