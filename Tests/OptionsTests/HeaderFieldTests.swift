import Testing

@testable import Options

@Suite struct HeaderFieldTests {
  @Test(arguments: [
    ("X-Scope", true), ("a!#$%&'*+-.^_`|~9", true), ("", false), ("a b", false), ("a:", false), ("ü", false),
  ])
  func aNameIsAToken(_ name: String, _ isName: Bool) {
    #expect(HeaderField.isName(name) == isName)
  }

  @Test(arguments: [
    ("", true), ("a b\tc", true), ("ü", true), ("a\n", false), ("a\r", false), ("\u{0}", false), ("\u{7F}", false),
  ])
  func aValueHasNoControlCharacters(_ value: String, _ isValue: Bool) {
    #expect(HeaderField.isValue(value) == isValue)
  }
}
