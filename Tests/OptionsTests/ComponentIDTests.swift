import Options
import Testing

@Suite struct ComponentIDTests {
  @Test(arguments: [
    ("otlp", ComponentID(type: "otlp")), ("otlp/2", ComponentID(type: "otlp", name: "2")),
    ("a_B1/x/y", ComponentID(type: "a_B1", name: "x/y")), (" otlp / two ", ComponentID(type: "otlp", name: "two")),
    ("otlp/日本-1.x", ComponentID(type: "otlp", name: "日本-1.x")),
  ])
  func readsTypeAndName(_ text: String, _ expected: ComponentID) throws {
    #expect(try ComponentID.parse(text) == expected)
  }

  @Test(arguments: [
    "", "/x", "1otlp", "_a", "ot lp", "ot-lp", "é", "otlp/", "otlp/ ", "otlp/a b", "otlp/a\n", "otlp/a+b", "otlp/€",
  ])
  func refusesOtherText(_ text: String) {
    #expect(throws: OptionMismatch.self) { try ComponentID.parse(text) }
  }

  @Test func limitsTypeAndName() throws {
    let (type, name) = (String(repeating: "a", count: 63), String(repeating: "é", count: 1024))
    #expect(try ComponentID.parse("\(type)/\(name)").description == "\(type)/\(name)")
    #expect(read(.componentID, type + "a").mismatch?.expected == "a component type of at most 63 characters, got 64")
    #expect(
      read(.componentID, "a/\(name)b").mismatch?.expected == "a component name of at most 1024 characters, got 1025")
  }

  /// No name that a configuration can write reads like a component of a signal.
  @Test func theSignalOfAnIDCannotBeWritten() throws {
    let traces = ComponentID(type: "otlp", name: "a").of(.traces)
    #expect("\(traces)" == "otlp/a+traces" && "\(ComponentID(type: "nop").of(.metrics))" == "nop+metrics")
    #expect(throws: OptionMismatch.self) { try ComponentID.parse("otlp/a+traces") }
    #expect(throws: OptionMismatch.self) { try ComponentID.parse("nop+metrics") }
    #expect(traces != ComponentID(type: "otlp", name: "a"))
  }
}
