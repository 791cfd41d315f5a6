import Testing

@testable import LogPipeline

@Suite struct ScannedTextTests {
  private func scanning<R>(_ text: String, _ body: (ScannedText) -> R) -> R {
    Array(text.utf8).withUnsafeBytes { body(ScannedText($0)) }
  }

  @Test func outsideOfTheTextThereAreZeros() {
    for text in ["", "a", "abc"] {
      let outside = scanning(text) { text in [-1, text.count, text.count + 1, .min, .max].map { text[$0] } }
      #expect(outside == [0, 0, 0, 0, 0])
    }
    #expect(scanning("abc") { text in (0..<3).map { text[$0] } } == Array("abc".utf8))
    let none = ScannedText(UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(none.count == 0 && none[0] == 0 && none.bytes(0..<5).isEmpty)
  }

  @Test func rangesAreCutToTheText() {
    #expect(scanning("abc") { Array($0.bytes(1..<100)) } == Array("bc".utf8))
    #expect(scanning("abc") { Array($0.bytes(-5..<1)) } == Array("a".utf8))
    #expect(scanning("abc") { Array($0.bytes(50..<60)) } == [])
  }

  @Test func wordsAreFoundWhereTheyStandWhole() {
    let places = scanning("xbearer BEARER bear") { text in
      (-8...20).filter { text.hasIgnoringCase("bearer", at: $0) } + (-8...20).filter { text.has("bearer", at: $0) }
    }
    #expect(places == [1, 8, 1])
    #expect(scanning("a IdenTified b") { $0.containsIgnoringCase("identified", in: 0..<100) })
    #expect(scanning("a identified b") { !$0.containsIgnoringCase("identified", in: 0..<11) })
    #expect(scanning("a identified b") { !$0.containsIgnoringCase("identified", in: 3..<100) })
  }

  @Test func runsEndAtTheirLimitAndAtTheText() {
    let ends = scanning("123456x") { text in
      [
        text.end(ofRunAt: 0) { $0.isDigit }, text.end(ofRunAt: 0, limit: 3) { $0.isDigit },
        text.end(ofRunAt: 2, limit: .max) { $0.isDigit }, text.end(ofRunAt: 6) { $0.isDigit },
        text.end(ofRunAt: 0) { _ in true }, text.end(ofRunAt: 50) { _ in true },
      ]
    }
    #expect(ends == [6, 3, 6, 6, 7, 50])
    let starts = scanning("x12345") { text in
      [6, 3].map { end in text.start(ofRunBefore: end, limit: 10) { $0.isDigit } }
        + [text.start(ofRunBefore: 6, limit: 2) { $0.isDigit }, text.start(ofRunBefore: 1, limit: 9) { _ in true }]
    }
    #expect(starts == [1, 1, 4, 0])
  }

  @Test func aTokenEndsWhereNoLetterOrDigitFollows() {
    let marks = scanning("ab-c") { text in (0...4).map { [text.startsToken($0), text.endsToken($0)] } }
    #expect(marks == [[true, false], [false, false], [false, true], [true, false], [false, true]])
  }

  @Test func classesOfBytesAreThoseOfASCII() {
    for byte in UInt8.min ... .max {
      let character = Character(Unicode.Scalar(byte))
      let isASCII = byte < 0x80
      #expect(byte.isDigit == (isASCII && character.isNumber))
      #expect(byte.isLetter == (isASCII && character.isLetter))
      #expect(byte.isUpper == (isASCII && character.isUppercase) && byte.isLower == (isASCII && character.isLowercase))
      #expect(byte.isHexDigit == character.isHexDigit)
      #expect(byte.isAlphanumeric == (byte.isDigit || byte.isLetter))
      #expect(byte.isBase64URL == (byte.isAlphanumeric || "-_".utf8.contains(byte)))
      #expect(byte.isBase64 == (byte.isAlphanumeric || "+/".utf8.contains(byte)))
      #expect(byte.isSpace == " \t\r\n".utf8.contains(byte) && byte.isBlank == " \t".utf8.contains(byte))
      #expect(byte.isOpener == "([{".utf8.contains(byte) && byte.isCloser == ")]}".utf8.contains(byte))
      #expect(byte.isQuote == "\"'".utf8.contains(byte))
      #expect(byte.lowercased == (byte.isUpper ? byte + 32 : byte))
    }
  }
}
