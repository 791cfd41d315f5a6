import Testing

@testable import Access

@Suite struct Base64Tests {
  /// RFC 4648 section 10, and the same without padding.
  @Test(arguments: [
    ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
    ("Zm9vYmFy", "foobar"), ("Zg", "f"), ("Zm8", "fo"),
  ])
  func isDecoded(_ text: String, _ plain: String) {
    #expect(Base64.decode(text.utf8) == Array(plain.utf8))
  }

  @Test(arguments: ["Z", "Zm9vY", "Zg=", "Zg===", "=", "====", "Zg==Zg==", "Zm 8=", "Zm-_", "Zm8=\n", "é"])
  func otherTextIsNone(_ text: String) { #expect(Base64.decode(text.utf8) == nil) }

  @Test func everyByteComesThrough() {
    #expect(Base64.decode("AAECA/3+/w==".utf8) == [0, 1, 2, 3, 253, 254, 255])
  }
}
