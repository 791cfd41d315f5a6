import Testing

@testable import LogPipeline

@Suite struct JSONDocumentTests {
  private func verdict(_ text: String) -> JSONDocument.Verdict {
    Array(text.utf8).withUnsafeBytes { bytes in
      var document = JSONDocument(bytes)
      return document.check()
    }
  }

  /// The tokens of a text, each with the first letter of its kind.
  private func tokens(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { raw in
      var document = JSONDocument(raw)
      var tokens: [String] = []
      while let token = document.next() {
        tokens.append(
          "\(String(describing: token.kind).prefix(1)):\(String(decoding: bytes[token.range], as: UTF8.self))")
      }
      return tokens
    }
  }

  @Test(arguments: [
    "{}", "[]", " [ ] ", #"{"a":1}"#, #"[1,-2.5e+3,true,false,null,"x",{"a":[{}]}]"#, "\t{\r\n\"a\" : \"b\\\"c\" }\n",
    #"{"":""}"#, #"[[],[[]]]"#,
  ])
  func anObjectOrArrayIsADocument(text: String) {
    #expect(verdict(text) == .valid)
  }

  @Test(arguments: [
    "", " ", "1", "\"text\"", "true", "{", "[", "}", "[}", "{]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}",
    "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:2}", "[tru]", "[truex]", "[nul]", "[+1]", "[x]", "[\"open]", "[\"open\\",
    "{}x", "{}{}", "[]]", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "['a']", "\u{FEFF}{}",
  ])
  func otherTextIsNone(text: String) {
    #expect(verdict(text) == .notJSON)
  }

  @Test(arguments: [("[", "]"), ("{\"a\":", "}")]) func depthIsTakenUpToTheLimit(open: String, close: String) {
    let nested = { (depth: Int) in
      String(repeating: open, count: depth - 1) + (open == "[" ? "[]" : "{}")
        + String(repeating: close, count: depth - 1)
    }
    #expect(verdict(nested(JSONDocument.maxDepth)) == .valid)
    #expect(verdict(nested(JSONDocument.maxDepth + 1)) == .tooDeep)
    #expect(verdict(String(repeating: open, count: 1_000_000)) == .tooDeep)
  }

  @Test func aCutDocumentIsNone() {
    let whole = Array(#"{"a":[1,{"b":"c\"d"}],"e":null}"#.utf8)
    for count in 0..<whole.count {
      #expect(verdict(String(decoding: whole[..<count], as: UTF8.self)) == .notJSON)
    }
  }

  @Test func aWalkNamesKeysValuesAndBrackets() {
    #expect(
      tokens(#"{"a" : [1, "x\"y"], "b":{"c":null}}"#)
        == ["o:{", "k:a", "o:[", "w:1", #"s:x\"y"#, "c:]", "k:b", "o:{", "k:c", "w:null", "c:}", "c:}"])
  }

  @Test func valuesAreSteppedOverWhole() {
    for value in ["1", #""a\"]}""#, "[1,[2,\"]\"]]", #"{"x":{"y":[]}}"#, "-1.5e+3"] {
      let bytes = Array(#"{"k": \#(value) ,"next":2}"#.utf8)
      let (found, next) = bytes.withUnsafeBytes { raw in
        var document = JSONDocument(raw)
        _ = document.next()
        _ = document.next()
        let range = document.skipValue()
        return (String(decoding: bytes[range], as: UTF8.self), document.next()?.range)
      }
      #expect(found == value)
      #expect(next.map { String(decoding: bytes[$0], as: UTF8.self) } == "next")
    }
  }

  /// A walk is for texts that were checked; others must end too.
  @Test func aWalkOverAnythingEnds() {
    var dice = Dice(3)
    for _ in 0..<3000 {
      let text = dice.text(dice.pick(0..<40), of: #"{}[]":,\ua1-"#)
      let bytes = Array(text.utf8)
      bytes.withUnsafeBytes { raw in
        var document = JSONDocument(raw)
        while let token = document.next() {
          #expect(token.range.upperBound <= raw.count && token.outerRange.upperBound <= raw.count)
        }
        var skipping = JSONDocument(raw)
        let skipped = skipping.skipValue()
        #expect(skipped.lowerBound <= skipped.upperBound)
      }
      if verdict(text) == .valid { #expect(tokens(text).count > 1) }
    }
  }

  @Test func whatMayBeADocumentIsToldByItsFirstCharacter() {
    let may = ["{", " \n[", "{x", "", " ", "x{", "\"{\""].map { text in
      Array(text.utf8).withUnsafeBytes { JSONDocument.mayStart($0) }
    }
    #expect(may == [true, true, true, false, false, false, false])
  }

  private func unescaped(_ text: String) -> String {
    let buffer = JSONStringBuffer()
    return Array(text.utf8).withUnsafeBytes { String(decoding: buffer.unescape($0), as: UTF8.self) }
  }

  @Test(arguments: [
    ("plain", "plain"), (#"a\n\t\r\b\f\"\\\/"#, "a\n\t\r\u{8}\u{C}\"\\/"), (#"\u0041\u00e9\u4e2d"#, "Aé中"),
    (#"\ud83d\ude00"#, "😀"), (#"\ud83dx"#, "\u{FFFD}x"), (#"\ude00"#, "\u{FFFD}"), (#"\u12"#, #"\u12"#),
    (#"\uzzzz"#, #"\uzzzz"#), (#"\ud83d\u0041"#, "\u{FFFD}A"),
  ])
  func escapesAreResolved(text: String, expected: String) {
    #expect(unescaped(text) == expected)
  }

  @Test func editsCopyWhatStandsBetween() {
    let text = Array(#"{"a":"x","b":2}"#.utf8)
    var mask = ByteWriter()
    mask.append(text: "**\"*")
    var edits = JSONEdits()
    text.withUnsafeBytes { text in
      edits.replace(5..<8, with: mask, in: text)
      edits.replace(13..<14, with: mask, in: text)
      edits.finish(text)
    }
    #expect(String(decoding: edits.writer.array, as: UTF8.self) == #"{"a":"**\"*","b":"**\"*"}"#)
  }
}
