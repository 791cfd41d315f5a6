import Testing

@testable import LogPipeline

@Suite struct ChecksumsTests {
  private func check(_ text: String, _ body: (ScannedText, Range<Int>) -> Bool) -> Bool {
    var text = text
    return text.withUTF8 { body(ScannedText(UnsafeRawBufferPointer($0)), 0..<$0.count) }
  }

  @Test func luhnSkipsSeparatorsAndSeesEverySingleError() {
    #expect(check("4111-1111 11111111") { $0.passesLuhn($1) })
    let number = Array("79927398713")
    for place in number.indices {
      for digit in "0123456789" where digit != number[place] {
        var wrong = number
        wrong[place] = digit
        #expect(!check(String(wrong)) { $0.passesLuhn($1) })
      }
    }
  }

  @Test func mod11Radix2HasKnownValues() {
    #expect(check("11010519491231002X") { text, _ in text.passesMod11Radix2(0) })
    #expect(check("440524188001010014") { text, _ in text.passesMod11Radix2(0) })
    #expect(!check("110105194912310029") { text, _ in text.passesMod11Radix2(0) })
  }

  @Test func mod97HasKnownValues() {
    #expect(check("NO9386011117947") { $0.passesMod97(0, 4..<$1.upperBound) })
    #expect(check("MT84MALT011000012345MTLCAST001S") { $0.passesMod97(0, 4..<$1.upperBound) })
    #expect(!check("NO9386011117946") { $0.passesMod97(0, 4..<$1.upperBound) })
  }

  @Test func verhoeffHasKnownValues() {
    #expect(check("2363") { $0.passesVerhoeff($1) })
    #expect(check("123451") { $0.passesVerhoeff($1) })
    #expect(!check("2364") { $0.passesVerhoeff($1) })
  }

  @Test func datesAreChecked() {
    #expect(check("20240229") { text, _ in text.isDate(at: 0) })
    #expect(!check("20230229") { text, _ in text.isDate(at: 0) })
    #expect(!check("19000229") { text, _ in text.isDate(at: 0) })
    #expect(!check("20241301") { text, _ in text.isDate(at: 0) })
    #expect(!check("21000101") { text, _ in text.isDate(at: 0) })
  }

  @Test func anOffsetOutsideTheTextReadsAsZero() {
    #expect(check("a") { text, _ in text[-1] == 0 && text[1] == 0 && text[.max] == 0 && text[.min] == 0 })
  }
}
