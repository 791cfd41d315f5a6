import Testing

@testable import LogPipeline

@Suite struct UnescapedTextTests {
  private func read(_ text: String, hasBackslashes: Bool = false) -> (plain: String, unescaped: UnescapedText) {
    let unescaped = UnescapedText()
    var text = text
    text.withUTF8 { unescaped.read(UnsafeRawBufferPointer($0), hasBackslashes: hasBackslashes) }
    return (String(decoding: unescaped.bytes, as: UTF8.self), unescaped)
  }

  @Test(arguments: [
    ("a%3Db", "a=b"), ("%E5%AF%86", "密"), (#"a\u003db"#, "a=b"), (#"\u5bc6\x41"#, "密A"), ("&quot;&#34;&#x22;", #"""""#),
    ("&amp;lt;", "&lt;"), ("%253D", "%3D"), ("&lt;&gt;&apos;&equals;&colon;", "<>'=:"), (#"\ud800"#, "\u{FFFD}"),
    ("&#1114112;", "\u{FFFD}"), (#"a\u{3d}\x{3D}"#, "a=="), (#"\U0000003d"#, "="), (#"\075\75b"#, "==b"),
    (#"\751"#, "=1"),
    (#"\345\257\206"#, "密"),
  ])
  func escapesAreResolvedOnce(_ text: String, _ plain: String) {
    #expect(read(text).plain == plain)
    #expect(read(text).unescaped.hasEscapes)
  }

  @Test(arguments: [
    "", "%", "%4", "%zz", "100% of", "&", "&#;", "&#x;", "&quot", "&#12345678;", #"\u12"#, #"\xg"#, "é%", #"\u{}"#,
    #"\u{3d"#, #"\u{1234567}"#, #"\1 \9 \07 \177"#,
    #"\U003d"#,
  ])
  func whatIsNoEscapeStays(_ text: String) {
    #expect(read(text).plain == text)
    #expect(!read(text).unescaped.hasEscapes)
  }

  @Test func backslashesAreThoseAroundTheOthers() {
    #expect(read(#"\"a%3D&lt;\n"#, hasBackslashes: true).plain == "\"a%3D&lt;\n")
  }

  @Test func rangesAreThoseOfTheTextAndCutNoEscape() {
    let (_, unescaped) = read(#"a%3Dé\u5bc6b"#)
    #expect(unescaped.source(of: 0..<1) == 0..<1)
    #expect(unescaped.source(of: 1..<2) == 1..<4)
    #expect(unescaped.source(of: 4..<5) == 6..<12)
    #expect(unescaped.source(of: 7..<8) == 12..<13)
    #expect(unescaped.source(of: 0..<8) == 0..<13)
  }
}
