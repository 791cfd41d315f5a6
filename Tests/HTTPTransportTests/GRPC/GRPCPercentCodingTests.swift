import HTTPTransport
import Testing

@Suite struct GRPCPercentCodingTests {
  @Test(arguments: [
    ("", ""), ("plain text ~!", "plain text ~!"), ("100%", "100%25"), ("a\nb", "a%0Ab"), ("é", "%C3%A9"),
    ("\u{7F}\u{0}", "%7F%00"),
  ])
  func onlyPrintableASCIIStays(text: String, encoded: String) {
    #expect(GRPCPercentCoding.encode(text) == encoded)
    #expect(GRPCPercentCoding.decode(encoded) == text)
  }

  @Test func decodesMessages() {
    #expect(GRPCPercentCoding.decode("plain") == "plain")
    #expect(GRPCPercentCoding.decode("50%25 of %e2%82%AC") == "50% of €")
    #expect(GRPCPercentCoding.decode("bad %zz %4") == "bad %zz %4")
    #expect(GRPCPercentCoding.decode("%") == "%")
    #expect(GRPCPercentCoding.decode("%ff") == "\u{fffd}")
  }

  @Test func decodesAMessageUpToItsLimit() {
    let text = String(repeating: "x", count: 1025)
    #expect(GRPCPercentCoding.decode(String(text.dropLast())).utf8.count == 1024)
    #expect(GRPCPercentCoding.decode(text).utf8.count == 1024)
  }
}
