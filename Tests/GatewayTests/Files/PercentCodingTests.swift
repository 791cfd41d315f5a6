import Testing

@testable import Gateway

struct PercentCodingTests {
  @Test(arguments: [
    ("", ""), ("aZ09-._", "aZ09-._"), ("a b&c=d/~", "a%20b%26c%3Dd%2F%7E"), ("%41", "%2541"), ("\n\0", "%0A%00"),
    ("订", "%E8%AE%A2"),
  ])
  func allButUnreservedIsEncodedAndReadBack(text: String, encoded: String) {
    #expect(text.percentEncoded == encoded)
    #expect(encoded.percentDecoded == text)
  }

  @Test(arguments: [("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%4g1", "%4g1"), ("a%2", "a%2"), ("%+4", "%+4")])
  func whatIsNoCodeStays(text: String, decoded: String) {
    #expect(text.percentDecoded == decoded)
  }

  @Test func whatIsNoTextIsRefused() {
    #expect("%FF".percentDecoded == nil)
  }
}
