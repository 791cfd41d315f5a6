import Testing

@testable import LogStore

@Suite struct NeedleTests {
  private func isIn(_ needle: String, _ text: String, isPrefix: Bool = false) -> Bool {
    Array(text.utf8).withUnsafeBytes { Needle(needle, isPrefix: isPrefix).matches($0) }
  }

  private static let found: [(String, String)] = [
    ("error", "an error here"), ("ERROR", "Error"), ("error", "x:error,"), ("out of", "Out of memory"),
    ("500", "status=500"),
    ("支付", "订单支付失败"), ("付失", "订单支付失败"), ("支", "支付"), ("error", "支付error失败"), ("失败 a", "支付失败 a"),
    ("café", "Café au lait"), ("жизнь", "жизнь."), ("_x", "a _x b"), ("10.0.0.1", "from 10.0.0.1:80"), ("a", "b“a”b"),
    ("-5", "x -5"), ("😀", "ok😀"), ("カート", "ショッピングカートに"),
  ]

  @Test(arguments: found)
  func wordsAreFound(_ needle: String, _ text: String) {
    #expect(isIn(needle, text))
    // A filter of the text has all of the needle's words.
    var words = WordSet()
    Array(text.utf8).withUnsafeBytes { words.addWords(of: $0) }
    #expect(Set(Needle(needle).hashes).isSubset(of: words.hashes))
  }

  private static let parts: [(String, String)] = [
    ("error", "errors"), ("error", "terror"), ("error", "error_code"), ("time", "timeout"), ("é", "café"),
    ("caf", "café"),
    ("付支", "支付"), ("a b", "a  b"), ("", "x"), ("x", ""), ("5", "-55"), ("É", "é"), ("ab", "a\u{301}b"),
  ]

  @Test(arguments: parts)
  func partsOfWordsAreNot(_ needle: String, _ text: String) { #expect(!isIn(needle, text)) }

  @Test func aPrefixMayGoOn() {
    #expect(isIn("err", "Errors", isPrefix: true))
    #expect(!isIn("rrors", "errors", isPrefix: true))
    #expect(isIn("out of mem", "out of memory", isPrefix: true))
    #expect(Needle("out of mem", isPrefix: true).hashes.count == 2)
  }

  @Test func bytesThatAreNoTextAreGaps() {
    for bytes: [UInt8] in [[0xFF], [0xE6, 0x94], [0x80], [0xF0, 0x9F, 0x98], [0xC0, 0xAF], [0xF8, 0x88]] {
      let text = bytes + Array("word".utf8) + bytes
      #expect(text.withUnsafeBytes { Needle("word").matches($0) })
    }
  }

  @Test func rowsAreToldApart() {
    var texts = TextColumn()
    for text in ["error", "an err", "or b", "ERROR!", "", "terror", "x error"] {
      Array(text.utf8).withUnsafeBytes { texts.append($0) }
    }
    let column = Texts(ends: texts.ends, bytes: texts.bytes[...])
    let needle = Needle("error")
    var found: [Int] = []
    needle.rows(of: column, edges: needle.edges).forEach { found.append($0) }
    #expect(found == [0, 3, 6])
    found = []
    needle.rows(of: column, edges: 0).forEach { found.append($0) }
    #expect(found == [0, 3, 5, 6])
  }

  /// At every place of texts of every length around the sixteen bytes that are compared at once.
  @Test func wordsAreFoundAtEveryPlace() {
    for count in 0..<40 {
      for place in 0...count {
        let text = String(repeating: " ", count: place) + "Ab" + String(repeating: " ", count: count - place)
        #expect(isIn("ab", text))
        #expect(!isIn("ab", text.replacingOccurrences("b", "c")))
      }
    }
  }

  @Test func filtersKnowWhatTheyWereFilledWith() {
    for count in [1, 7, 100, 5000] {
      var words = WordSet()
      for number in 0..<count { Array("word\(number)".utf8).withUnsafeBytes { words.addWords(of: $0) } }
      #expect(words.count == count)
      let filter = words.filter(bitsPerHash: 10)
      #expect(filter.count % 64 == 0 && filter.count >= count * 10 / 8)
      let isKnown = { (hash: UInt64) in filter.withUnsafeBytes { WordSet.mayHave(hash, in: $0) } }
      #expect(words.hashes.allSatisfy(isKnown))
      var numbers = SeededNumbers(UInt64(count))
      let wrong = (0..<10_000).count { _ in isKnown(numbers.next()) }
      #expect(wrong < 400)
    }
    #expect(WordSet().filter(bitsPerHash: 10).isEmpty)
    #expect([].withUnsafeBytes { !WordSet.mayHave(1, in: $0) })
  }
}

extension String {
  fileprivate func replacingOccurrences(_ old: Character, _ new: Character) -> String {
    String(map { $0 == old ? new : $0 })
  }
}
