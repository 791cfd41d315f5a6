import LogPipeline

/// Holds redaction to what it promises for any text: redacting again changes nothing, what is left is UTF-8, and what
/// was JSON is JSON.
package struct RedactionOracle {
  /// Processors that have every built-in rule on, each with another action.
  private let processors: [RedactionProcessor]

  package init() {
    let key = HMACKey(id: "k1", key: Array("0123456789abcdef0123456789abcdef".utf8))
    let actions: [RedactionAction?] = [nil, .hmac(key, isLabelled: true), .hash(.sha256, isLabelled: true), .delete]
    processors = actions.enumerated().map { index, action in
      var options = RedactionOptions()
      options.allowAllKeys = true
      options.detectors = RuleSet(Rule.allCases)
      options.action = action
      return RedactionProcessor(id: "redaction/\(index)", options)
    }
  }

  /// What is wrong about what becomes of a text, for each processor; empty if all is well.
  package func problems(of text: [UInt8]) -> [String] {
    processors.flatMap { processor in
      let once = Self.redact(text, processor)
      var problems: [String] = []
      if String(validating: once, as: UTF8.self) == nil { problems.append("left invalid UTF-8") }
      let twice = Self.redact(once, processor)
      if twice != once { problems.append("left \(Self.shown(once)), and redacted again \(Self.shown(twice))") }
      if Self.isJSON(text), once != Array("****".utf8), !Self.isJSON(once) {
        problems.append("made \(Self.shown(once)) of JSON")
      }
      return problems.map { "\(processor.id) \($0)" }
    }
  }

  /// What is wrong about what becomes of a request; empty if it cannot be decoded, or if all is well.
  package func problems(ofRequest body: [UInt8]) -> [String] {
    processors.compactMap { processor -> String? in
      var batch = LogBatch()
      var request = RequestContext()
      guard (try? batch.decode(protobuf: body, limits: DecodeLimits())) != nil else { return nil }
      processor.process(&batch, of: &request)
      let once = BatchText.text(of: batch)
      processor.process(&batch, of: &request)
      return BatchText.text(of: batch) == once ? nil : "\(processor.id) redacts its own output again"
    }
  }

  /// A text as the body of a record, after the processor.
  private static func redact(_ text: [UInt8], _ processor: RedactionProcessor) -> [UInt8] {
    var batch = LogBatch()
    var request = RequestContext()
    batch.store = text
    batch.resources = [Resource()]
    batch.scopes = [Scope()]
    var record = LogRecord()
    record.body = .string(ByteSlice(0..<text.count))
    batch.records = [record]
    processor.process(&batch, of: &request)
    return Array(batch.store[(batch.records.first?.body.slice ?? .empty).range])
  }

  /// Whether a text is a JSON object or array: our own decoder steps over it as over a field that it does not know.
  private static func isJSON(_ text: [UInt8]) -> Bool {
    guard let first = text.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      return false
    }
    var batch = LogBatch()
    let body = Array("{\"x\":".utf8) + text + [UInt8(ascii: "}")]
    return (try? batch.decode(json: body, limits: DecodeLimits())) != nil
  }

  private static func shown(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self).debugDescription }
}

/// Texts that are full of what redaction looks for, whole, broken and in each other.
package struct SensitiveTexts {
  private var random: SplitMix
  private var mutator: Mutator

  private static let pieces: [String] = [
    "4111111111111111", "4111 1111 1111 1111", "6222021234567890128", "11010519491231002X", "13812345678",
    "+8613812345678", "a.b@example.com", "password=", "pwd: ", "token: ", "password is ", "密码：", "\"密钥\":\"",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "AKIAIOSFODNN7EXAMPLE", "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----", "postgres://u:p@h/", "DE89370400440532013000", "GB82 WEST 1234 5698 7654 32",
    "219-09-9999", "Bearer abcdef123456", "basic dXNlcjpwYXNz", "ghp_abcdEFGHijklMNOPqrstUVWXyz0123456789",
    "sk-proj-abcdEFGHijklMNOPqrst0123", "xoxb-1234567890-abc", "sig=", "AccountKey=", "aws_secret_access_key=",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "Authorization: Basic ", "cookie=", "{\"secret\":\"", "\"}",
    "{\"a\":[1,{\"token\":\"x\"}]}", "192.168.0.1", "fe80::1", "3c:22:fb:12:34:56", "+442079460958", "(212) 555-0123",
    "529.982.247-25", "S1234567D", "AB123456C", "12345678Z", "900101-1234568", "91350100M000100Y43",
    "39.9042, 116.4074",
    "hunter2x", "null", "****", "hmac:k1:", "sha256:", "[REDACTED]", "\"", "'", "\\", "\\\"", "{", "}", "[", "]", ":",
    ",",
    "Some(\"", "Optional(\"", "b'", "N'", "r#\"", "(\"", "[\"", "{\"v\":\"", "%3D", "%253D", "\\u003d", "&quot;",
    "&#34;",
    "&amp;lt;", "<![CDATA[", "]]>", "<password>", "</password>", "--password ", "\"--token\",", "-Password ", "“", "”",
    "{\"name\":\"password\",\"value\":\"", "{\"value\":\"x\",\"key\":\"token\"}", "[[\"token\",\"x\"]]", "| \n  ",
    "|\n  ",
    "- name: token\n  value: ", "] => ", "=>\n string(7) \"", ";s:7:\"", "\u{1B}[0m", "- some: \"", "secretary=",
    "(user=a, ",
    "hmac:k1:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", "' +\n '", "password: |\n  ", ")", "`",
    "&", ";",
    "=", " ", "\n", "é", "王", "-", ".", "@", "+", "1", "62", "a", "::", "://", "\u{0}", "，", "是",
  ]

  package init(seed: UInt64) {
    random = SplitMix(seed: seed)
    mutator = Mutator(seed: seed &+ 1)
  }

  /// The next text; valid UTF-8.
  package mutating func next() -> [UInt8] {
    switch random.below(4) {
    case 0: return Array(joined(random.below(14)).utf8)
    case 1: return Array(value(depth: 0).utf8)
    case 2: return Array(String(decoding: mutator.mutate(Array(joined(random.below(10)).utf8)), as: UTF8.self).utf8)
    default: return Array(String(decoding: mutator.mutate(Array(value(depth: 0).utf8)), as: UTF8.self).utf8)
    }
  }

  private mutating func joined(_ count: Int) -> String {
    (0...count).map { _ in Self.pieces[random.below(Self.pieces.count)] }.joined()
  }

  /// JSON with strings of such pieces, some of them JSON themselves.
  private mutating func value(depth: Int) -> String {
    switch random.below(depth > 3 ? 2 : 6) {
    case 0: return quoted(joined(random.below(5)))
    case 1: return ["4111111111111111", "-1.5e3", "true", "null", "138123456780"][random.below(5)]
    case 2: return quoted(value(depth: depth + 1))
    case 3 where random.oneIn(4): return "[\"--password\"," + value(depth: depth + 1) + "]"
    case 3: return "[" + (0..<random.below(4)).map { _ in value(depth: depth + 1) }.joined(separator: ", ") + "]"
    default:
      let keys = [
        "password", "a", "note", "api_key", "密码", "token_count", "x\\u0070wd", "card", "name", "value", "key",
      ]
      let members = (0..<random.below(5)).map { _ in "\"\(keys[random.below(keys.count)])\": \(value(depth: depth + 1))"
      }
      return "{" + members.joined(separator: ",") + "}"
    }
  }

  /// A string of JSON, some characters escaped though they need not be.
  private mutating func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20 || (scalar.value < 0x80 && random.oneIn(40)):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
