import Testing

@testable import OTLPReceiver

@Suite struct PercentEncodingTests {
  @Test(arguments: [
    ("", ""), ("plain text ~!", "plain text ~!"), ("100%", "100%25"), ("a\nb", "a%0Ab"), ("é", "%C3%A9"),
    ("\u{7F}\u{0}", "%7F%00"),
  ])
  func onlyPrintableASCIIStays(text: String, encoded: String) {
    #expect(text.percentEncodedForGRPC == encoded)
  }
}
