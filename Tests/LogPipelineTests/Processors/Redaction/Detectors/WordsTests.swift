import Testing

@testable import LogPipeline

@Suite struct WordsTests {
  private func isWords(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      let text = ScannedText(UnsafeRawBufferPointer(bytes))
      return text.isWords(0..<text.count)
    }
  }

  @Test(arguments: [
    "", "email", "first_name", "firstName", "FirstName", "userID", "HTTPServer", "SNAKE_CASE", "12", "12ms", "a b, c",
    "x",
    "密码", "2026-01-02",
  ])
  func wordsAndNumbersAreTold(_ text: String) { #expect(isWords(text)) }

  @Test(arguments: ["hunter2", "aXbQ", "12abcd", "correct h0rse", "qWeRtY", "a1"])
  func othersAreNone(_ text: String) { #expect(!isWords(text)) }
}
