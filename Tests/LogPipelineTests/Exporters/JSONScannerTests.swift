import Testing

@testable import LogPipeline

@Suite struct JSONScannerTests {
  private func scanner(_ text: String) -> JSONScanner { JSONScanner(Array(text.utf8)) }

  private func text(_ escaped: String, limitBytes: Int = 100) -> String? {
    var scanner = scanner("\"\(escaped)\"")
    return scanner.string().map { scanner.text(of: $0, limitBytes: limitBytes) }
  }

  @Test(
    arguments: [
      ("0", 0), (" 12 ", 12), ("-7", -7), ("9223372036854775807", .max), ("-9223372036854775807", -.max),
      ("9223372036854775808", nil), ("99999999999999999999999", nil), ("", nil), ("-", nil), ("x", nil), ("\"1\"", nil),
      ("007", 7),
    ] as [(String, Int?)])
  func wholeNumbersAreTakenAsFarAsTheyFit(text: String, number: Int?) {
    var scanner = scanner(text)
    #expect(scanner.integer() == number)
  }

  @Test func objectsAndArraysHandOutTheirMembers() {
    var scanner = scanner(#" { "a" : [ 1 , 2 ] , "b" : { } , "c" : "x" } "#)
    var keys: [String] = []
    var numbers: [Int] = []
    let isObject = scanner.object { scanner, key in
      keys.append(scanner.text(of: key, limitBytes: 10))
      guard scanner.isName(key, "a") else { return scanner.skipValue() }
      return scanner.array { scanner in
        guard let number = scanner.integer() else { return false }
        numbers.append(number)
        return true
      }
    }
    #expect(isObject && scanner.peek() == nil)
    #expect(keys == ["a", "b", "c"] && numbers == [1, 2])
  }

  @Test func anObjectCutAnywhereIsNone() {
    let whole = Array(#"{"a":[1,{"b":"c\"d"}],"e":null,"f":-1.5e3}"#.utf8)
    for count in 0...whole.count {
      var scanner = JSONScanner(Array(whole[..<count]))
      let isObject = scanner.object { scanner, _ in scanner.skipValue() }
      #expect(isObject == (count == whole.count), "cut to \(count) bytes")
      #expect(scanner.offset <= count)
    }
  }

  @Test func anyByteMayBecomeAnyOtherWithoutATrap() {
    let whole = Array(#"{"a":[1,{"b":"c\u00e9\"d"}],"e":true}"#.utf8)
    for place in whole.indices {
      for byte in UInt8.min ... .max {
        var bytes = whole
        bytes[place] = byte
        var scanner = JSONScanner(bytes)
        _ = scanner.object { scanner, key in
          _ = scanner.text(of: key, limitBytes: 3)
          return scanner.skipValue()
        }
        #expect(scanner.offset <= bytes.count)
      }
    }
  }

  @Test func depthCostsNoStack() {
    let depth = 1_000_000
    var whole = scanner(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
    #expect(whole.skipValue() && whole.peek() == nil)
    var open = scanner(String(repeating: "{\"a\":", count: depth))
    #expect(open.skipValue() == false)
  }

  @Test(arguments: ["", " ", "]", "}", ",", ":", "\"open", "[1", "{\"a\":1", "@"])
  func whatIsNoValueIsNotSteppedOver(text: String) {
    var scanner = scanner(text)
    #expect(scanner.skipValue() == false)
  }

  @Test(arguments: [
    ("plain", "plain"), (#"a\"b\\c\/d"#, #"a"b\c/d"#), (#"\n\r\t\b\f"#, "\n\r\t\u{8}\u{C}"), (#"\u00e9"#, "é"),
    (#"\ud83d\ude00"#, "😀"), (#"\ud83d"#, "\u{FFFD}"), (#"\ude00x"#, "\u{FFFD}x"), (#"\u12"#, "\u{FFFD}12"),
    (#"\uzzzz"#, "\u{FFFD}zzzz"), ("é😀", "é😀"), (#"é\u00e9"#, "éé"),
  ])
  func escapesAreResolved(escaped: String, expected: String) {
    #expect(text(escaped) == expected)
  }

  @Test func invalidUTF8InATextIsRepaired() {
    var scanner = JSONScanner([0x22, 0x61, 0xFF, 0x22])
    #expect(scanner.string().map { scanner.text(of: $0, limitBytes: 10) } == "a\u{FFFD}")
  }

  @Test func textsAreCutAtACharacter() {
    for limit in 0...12 {
      for escaped in ["éééé", #"\u00e9\u00e9\u00e9\u00e9"#, "a😀b", #"\ud83d\ude00x\ud83d\ude00"#] {
        let cut = text(escaped, limitBytes: limit)
        #expect(cut.map { $0.utf8.count <= limit } == true)
        // Where the limit lies in a character, what is left of that may stand for it.
        let whole = cut.map { $0.unicodeScalars.last == "\u{FFFD}" ? String($0.unicodeScalars.dropLast()) : $0 }
        #expect(whole.flatMap { whole in text(escaped).map { $0.hasPrefix(whole) } } == true)
      }
    }
    #expect("a😀b".cut(toBytes: 5) == "a😀" && "a😀b".cut(toBytes: 4) == "a" && "a😀".cut(toBytes: -1) == "")
  }

  @Test func wordsAndNamesAreComparedWhole() {
    var scanner = scanner(" true")
    #expect(!scanner.take("truer") && scanner.take("true") && !scanner.take("true"))
    var name = self.scanner("\"status\"")
    let range = name.string() ?? 0..<0
    #expect(name.isName(range, "status") && !name.isName(range, "statu") && !name.isName(range, "statuS"))
    #expect(!name.isName(0..<100, "status") && !name.isName(5..<11, "status"))
  }
}
