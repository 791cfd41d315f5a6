import Testing

@testable import LogPipeline

/// Texts that nobody would write: each is read or refused, in time that grows with its length.
@Suite struct OTTLHostileTextTests {
  private static let pieces: [String] = [
    "set", "(", ")", "[", "]", "{", "}", ",", ".", ":", "=", "==", "!=", "<", "=>", "+", "-", "*", "/", "_", "where",
    "not",
    "and", "or", "nil", "true", "attributes", "body", "log.", "\"k\"", "\"\\\\d\"", "1", "2.5", "0xff", "IsMatch",
    "SHA256",
    "name =", "\n", " ",
  ]

  /// Reads a text as everything; what can be read must print as what reads the same.
  private func read(_ text: String) {
    do throws(OTTLLoadError) {
      let printed = try OTTLParser.statement(text).description
      #expect(try OTTLParser.statement(printed).description == printed)
    } catch {
      check(error, of: text)
    }
    do throws(OTTLLoadError) {
      let printed = try OTTLParser.condition(text).condition.description
      #expect(try OTTLParser.condition(printed).condition.description == printed)
    } catch {
      check(error, of: text)
    }
    do throws(OTTLLoadError) {
      let printed = try OTTLParser.value(text).description
      #expect(try OTTLParser.value(printed).description == printed)
    } catch {
      check(error, of: text)
    }
  }

  private func check(_ problem: OTTLLoadError, of text: String) {
    #expect(!problem.message.isEmpty && (0...text.utf8.count).contains(problem.offset))
  }

  @Test func piecesAtRandom() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<4000 {
      let count = Int.random(in: 1...24, using: &random)
      read((0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined(separator: " "))
    }
  }

  @Test func bytesAtRandom() {
    var random = SplitMix64(seed: 2)
    for _ in 0..<4000 {
      let count = Int.random(in: 0...40, using: &random)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      read(String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test func statementsWithAChange() {
    let statements = [
      #"set(attributes["a"]["b"], Concat([body.string, "x\n"], "-")) where not (IsMatch(body, "a.*") or flags == -1)"#,
      #"replace_pattern(body, "(\\w+)", "$$1", function = SHA256, replacement_format = "<%s>") where true and 1.5 < x"#,
      #"set(body, Filter({"a": [1, 0xff, nil]}, (k, _) => k != "b" and Len(k) > 2 * (3 + 4))["a"][0])"#,
    ]
    var random = SplitMix64(seed: 3)
    for _ in 0..<4000 {
      var bytes = Array((statements.randomElement(using: &random) ?? "").utf8)
      let at = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.remove(at: at)
      case 1: bytes[at] = UInt8.random(in: 32...126, using: &random)
      case 2: bytes.removeLast(at)
      default: bytes.insert(contentsOf: (Self.pieces.randomElement(using: &random) ?? "").utf8, at: at)
      }
      read(String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Texts of 64 KiB that a slip would read again and again, or descend into for ever.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "(", ")", "[", "{\"a\":", "not ", "not (", "-", "-(", "a.", "a[", "F(", "f(", "(a,", "(_", "F(a=", "a b ", "A b ",
      "1+",
      "true and ", "true or ", "\"", "\\", "\"\\", "0x", "9", ".5", "a==", "=>", "F((a)=>", "[1,", "[1 ", "a", "Aa",
      "\n",
      "IsMap(a) and ", "a == 1 or ",
    ])
  func longTexts(_ piece: String) {
    read(String(repeating: piece, count: OTTLTextLimits.maxBytes / piece.utf8.count))
    read("set(" + String(repeating: piece, count: (OTTLTextLimits.maxBytes - 4) / piece.utf8.count))
  }
}
