import Options
import Testing

@Suite struct OptionTypeTests {
  private enum Colour: String, Sendable, CaseIterable { case red, green }

  @Test(arguments: [("true", true), ("True", true), ("FALSE", false), ("false", false)])
  func readsABool(_ text: String, _ expected: Bool) { #expect(read(.bool, text).value == expected) }

  @Test(arguments: [("yes", "true"), ("on", "true"), ("1", "true"), ("No", "false"), ("off", "false"), ("0", "false")])
  func suggestsABool(_ text: String, _ expected: String) { #expect(read(.bool, text).mismatch?.suggestion == expected) }

  @Test func refusesOtherBools() { #expect(read(.bool, "maybe").mismatch?.expected == "true or false") }

  @Test(arguments: [("1", 1), ("256", 256), ("0x10", 16), ("0o17", 15), ("1_0", 10), ("+5", 5)])
  func readsAWholeNumber(_ text: String, _ expected: Int) { #expect(read(.int(in: 1...256), text).value == expected) }

  @Test(arguments: ["0", "257", "", "x", "1.0", "1e2", "_1", "1_", "0x", "0x-5", "99999999999999999999", "-1", " 1"])
  func refusesOtherNumbers(_ text: String) {
    #expect(read(.int(in: 1...256), text).mismatch?.expected == "a whole number from 1 to 256")
  }

  @Test func namesNoUpperEndIfThereIsNone() {
    #expect(read(.int(in: 1...Int.max), "0").mismatch?.expected == "a whole number from 1")
    #expect(read(.byteSize(in: 2...Int.max), "1").mismatch?.expected == "a size from 2")
  }

  @Test(arguments: [("0", 0.0), ("0.5", 0.5), ("1e0", 1.0), ("1", 1.0)])
  func readsANumber(_ text: String, _ expected: Double) { #expect(read(.double(in: 0...1), text).value == expected) }

  @Test(arguments: ["-0.1", "1.01", "nan", ".nan", "inf", "0x1p0", "", "x"])
  func refusesOtherFractions(_ text: String) {
    #expect(read(.double(in: 0...1), text).mismatch?.expected == "a number from 0.0 to 1.0")
  }

  @Test func readsAChoice() {
    #expect(read(.choice(Colour.red), "green").value == .green)
    let mismatch = read(.choice(Colour.red), "gren").mismatch
    #expect(mismatch?.expected == "\"red\" or \"green\"")
    #expect(mismatch?.suggestion == "green")
    #expect(read(.oneOf(["a", "b", "c"]), "x").mismatch?.expected == "\"a\", \"b\" or \"c\"")
    #expect(read(.oneOf(["tcp"]), "udp").mismatch?.expected == "\"tcp\"")
  }

  @Test func readsAURLPath() {
    #expect(read(.urlPath, "/v1/logs").value == "/v1/logs")
    #expect(read(.urlPath, "v1/logs").mismatch?.suggestion == "/v1/logs")
    for text in ["", "/a b", "/a?b", "/a#b", "/ü", "/\n"] { #expect(read(.urlPath, text).mismatch != nil) }
  }

  @Test func readsTextThatIsNotEmpty() {
    #expect(read(.nonEmptyString, "x").value == "x")
    #expect(read(.nonEmptyString, "").mismatch?.expected == "a text that is not empty")
    #expect(read(.string, "").value == "")
  }

  @Test func neverShowsASecret() {
    let type = OptionType<Secret>.secret
    #expect(type.show(Secret("pa55")) == .text("[REDACTED]"))
    #expect(type.show(Secret("")) == .text(""))
  }

  @Test func survivesRandomOptionTexts() {
    var random = SplitMix(state: 4)
    let alphabet = Array("0123456789.-+eE:/[]@%hmsunµkKMGTiBb_x \u{0}é")
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...30, using: &random)
      let text = String((0..<count).compactMap { _ in alphabet.randomElement(using: &random) })
      _ = read(.duration(), text)
      _ = read(.byteSize(in: 0...Int.max), text)
      _ = read(.endpoint(defaultPort: 1), text)
      _ = read(.url, text)
      _ = read(.int(in: Int.min...Int.max), text)
      _ = read(.double(in: 0...1), text)
      _ = read(.componentID, text)
      _ = read(.urlPath, text)
    }
  }
}
