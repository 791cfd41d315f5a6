import Testing

@testable import LogPipeline

@Suite struct CaseTextTests {
  private func text(_ text: String, _ wanted: CaseText) -> String {
    text.withBytes { bytes in written { wanted.append(bytes, to: &$0) } }
  }

  @Test(arguments: [
    ("Hello WORLD 1", "hello world 1", "HELLO WORLD 1"), ("ÄÖü€", "äöü€", "ÄÖÜ€"), ("", "", ""),
    ("straße", "straße", "STRAßE"),
    ("ДОМ", "дом", "ДОМ"), ("𝒳😀", "𝒳😀", "𝒳😀"),
  ])
  func lettersChange(_ given: String, _ lower: String, _ upper: String) {
    #expect(text(given, .lower) == lower)
    #expect(text(given, .upper) == upper)
  }

  @Test(arguments: [
    ("someName", "some_name"), ("SomeName", "some_name"), ("JSONData", "json_data"), ("userID", "user_id"),
    ("some name-x.y", "some_name_x_y"), ("http2Server", "http_2_server"), (" Trim ", "trim"), ("AAAbbb", "aa_abbb"),
    ("1A23", "1_a_23"), ("", ""),
  ])
  func wordsGetUnderscores(_ given: String, _ snake: String) {
    #expect(text(given, .snake) == snake)
  }

  @Test(arguments: [
    ("some_name", "SomeName"), ("some name", "SomeName"), ("some-name.x", "SomeNameX"), ("SOME_NAME", "SomeName"),
    ("http2server", "Http2Server"), ("a", "A"), ("äb", "b"), ("", ""),
  ])
  func wordsGetCapitals(_ given: String, _ camel: String) {
    #expect(text(given, .camel) == camel)
  }

  @Test(arguments: [("a", 1), ("ä", 2), ("€", 3), ("😀", 4)])
  func charactersAreRead(_ character: Unicode.Scalar, _ length: Int) {
    let found = String(character).withBytes { CaseText.scalar(of: $0, at: 0) }
    #expect(found.scalar == character)
    #expect(found.length == length)
  }

  @Test func aCharacterThatIsCutIsOneByte() {
    #expect(([0xE2, 0x82] as [UInt8]).withUnsafeBytes { CaseText.scalar(of: $0, at: 0).length } == 1)
  }
}
