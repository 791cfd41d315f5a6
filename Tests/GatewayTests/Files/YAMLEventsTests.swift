import Testing

@testable import Gateway

@Suite struct YAMLEventsTests {
  /// The events of a text, each with its place, up to the end or a fault.
  private func events(_ bytes: [UInt8]) -> [String] {
    guard var events = YAMLEvents(bytes) else { return ["no memory"] }
    var found: [String] = []
    while found.count < 100_000 {
      switch events.next() {
      case .end: return found
      case .tooDeep(let line, let column): return found + ["too deep at \(line):\(column)"]
      case .failed(let line, let column, let problem): return found + ["failed at \(line):\(column): \(problem)"]
      case .event(let event):
        let anchor = event.anchor.map { " &\($0)" } ?? ""
        found.append("\(event.line):\(event.column) \(name(event.kind))\(anchor)")
      }
    }
    return found
  }

  private func events(_ text: String) -> [String] { events(Array(text.utf8)) }

  private func name(_ kind: YAMLEvents.Event.Kind) -> String {
    switch kind {
    case .document: "document"
    case .alias(let name): "*\(name)"
    case .scalar(let text, let isPlain, let tag): (isPlain ? text : "'\(text)'") + (tag.map { " \($0)" } ?? "")
    case .listStart: "["
    case .mapStart: "{"
    case .collectionEnd: "end"
    }
  }

  @Test func whatATextSaysComesWithItsPlace() {
    #expect(
      events("a: 1\nb:\n  - \"x\"\n  - é: !!str y\n")
        == [
          "1:1 document", "1:1 {", "1:1 a", "1:4 1", "2:1 b", "3:3 [", "3:5 'x'", "4:5 {", "4:5 é",
          "4:8 y tag:yaml.org,2002:str", "5:1 end", "5:1 end", "5:1 end",
        ])
  }

  @Test func anchorsAndAliasesAreNamed() {
    #expect(
      events("a: &x [1]\nb: *x") == [
        "1:1 document", "1:1 {", "1:1 a", "1:4 [ &x", "1:8 1", "1:9 end", "2:1 b", "2:4 *x", "3:1 end",
      ])
  }

  @Test func anEmptyTextSaysNothing() {
    #expect(events("") == [] && events("# a comment\n") == [])
    #expect(events("--- \n--- \n").count { $0.hasSuffix("document") } == 2)
  }

  @Test func aFaultHasItsPlaceAndIsTheLast() {
    #expect(events("a: [1").last?.hasPrefix("failed at 1:") == true)
    #expect(events("a: \"x").last == "failed at 1:4: the quote that opens here is not closed")
    #expect(events("a:\n\tb: 1").last == "failed at 2:1: found a tab: YAML indents with spaces")
  }

  @Test func bytesThatAreNotUTF8AreFoundWhereTheyStand() {
    #expect(events(Array("a: b\nc: x".utf8) + [0xFF]).last?.hasPrefix("failed at 2:5: ") == true)
    #expect(events([0xC3]).last?.hasPrefix("failed at 1:1: ") == true)
  }

  @Test func noChangedByteIsATrap() {
    let text = Array("a: &x [1, \"é\"]\nb: {c: *x, 'd': |\n  e\n}\n".utf8)
    for place in text.indices {
      for byte in UInt8.min ... .max {
        var changed = text
        changed[place] = byte
        #expect(events(changed).count < 100)
      }
      #expect(events(Array(text[..<place])).count < 100)
    }
  }
}
