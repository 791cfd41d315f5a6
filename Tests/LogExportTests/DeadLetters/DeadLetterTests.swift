import LogExport
import Testing

@Suite struct DeadLetterTests {
  @Test(arguments: [
    "", " ", "{", "{}", "[]", "null", "\"", "{\"time\":1}", "{\"time\":\"\"}", "{\"time\":\"t\"", "{\"time\":\"t\"}x",
    "{\"time\":\"t\",\"attempts\":99999999999999999999}", "{\"time\":\"t\",\"record\":}",
    "{\"time\":\"t\",\"headers\":{\"a\":1}}",
  ]) func whatIsNoLetterIsNotRead(line: String) {
    #expect(DeadLetter(line: Array(line.utf8)) == nil)
  }

  @Test func unknownMembersAndFormatsAreReadOver() throws {
    let line = "{\"new\":[{}],\"time\":\"t\",\"format\":\"parquet\",\"records\":-5,\"record\":\"!\"}"
    let letter = try #require(DeadLetter(line: Array(line.utf8)))
    #expect(letter.format == nil && letter.records == 0 && letter.body == nil)
  }

  @Test func everyCutLineIsNoLetterAndCrashesNothing() {
    let line = Array(
      "{\"time\":\"t\",\"format\":\"bulk\",\"headers\":{\"a\":\"b\"},\"record\":{\"action\":{},\"document\":{}}}".utf8)
    for end in 0..<line.count { #expect(DeadLetter(line: Array(line[..<end])) == nil) }
    #expect(DeadLetter(line: line)?.body == Array("{}\n{}\n".utf8))
  }

  @Test func randomDamageCrashesNothing() {
    var random = SystemRandomNumberGenerator()
    let line = Array("{\"time\":\"t\",\"format\":\"bulk\",\"record\":{\"action\":{},\"document\":{\"a\":\"b\"}}}".utf8)
    for _ in 0..<5000 {
      var damaged = line
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damaged[Int.random(in: 0..<line.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = DeadLetter(line: damaged)?.body
    }
  }

  @Test func theKindOfAReasonQuotesNoRecord() throws {
    let line = "{\"time\":\"t\",\"reason\":\"document_parsing_exception: value 'secret'\"}"
    #expect(DeadLetter(line: Array(line.utf8))?.reasonKind == "document_parsing_exception")
  }
}
