import Options

/// Expressions of XPath 1.0 that say which nodes are meant: absolute paths of names, `*`, `text()`, `comment()`,
/// `node()` and `@name` with `/` and `//` between them, tests in brackets, and `|` between paths.
///
/// Tests are a position, `last()`, a child or attribute that is there, or that has a value: `[2]`, `[@id]`, `[b='x']`,
/// `[text()='x']`. All else of XPath is refused.
struct XPath: Sendable, Equatable {
  /// The most bytes of an expression.
  static let maxBytes = 1024

  enum Name: Sendable, Equatable {
    case element([UInt8]), anyElement
    case attribute([UInt8]), anyAttribute
    case text, comment, node
  }

  enum Test: Sendable, Equatable {
    /// From 1 on; 0 for the last.
    case position(Int)
    /// A child, an attribute or the text, with this value if one is given.
    case holds(Name, [UInt8]?)
  }

  struct Step: Sendable, Equatable {
    /// Whether nodes at any depth are meant.
    var isDeep = false
    var name = Name.node
    var tests: [Test] = []
  }

  /// Paths each of which adds nodes; one without steps is the document.
  private(set) var paths: [[Step]] = []

  init(_ text: [UInt8]) throws(TextFormatError) {
    if text.count > Self.maxBytes { throw TextFormatError("has \(text.count) bytes: the limit is \(Self.maxBytes)") }
    var reader = Reader(rest: text[...])
    repeat {
      reader.skipSpace()
      paths.append(try reader.path())
      reader.skipSpace()
    } while reader.take("|")
    if !reader.rest.isEmpty { throw TextFormatError("goes on with what is not known here, \(reader.shown)") }
  }

  /// An expression on its way.
  private struct Reader {
    var rest: ArraySlice<UInt8>

    /// What is left, for messages.
    var shown: String {
      if rest.isEmpty { return "found the end of the path" }
      return "found \"\(String(decoding: rest, as: UTF8.self).forDisplay(maxCharacters: 40))\""
    }

    mutating func skipSpace() { rest = rest.drop(while: \.isSpace) }

    mutating func take(_ text: StaticString) -> Bool {
      guard rest.starts(with: text.rawBytes) else { return false }
      rest = rest.dropFirst(text.utf8CodeUnitCount)
      return true
    }

    mutating func path() throws(TextFormatError) -> [Step] {
      var steps: [Step] = []
      guard rest.first == UInt8(ascii: "/") else { throw TextFormatError("does not begin with /, \(shown)") }
      while rest.first == UInt8(ascii: "/") {
        var step = Step()
        step.isDeep = take("//")
        if !step.isDeep { _ = take("/") }
        if steps.isEmpty, !step.isDeep, rest.isEmpty || rest.first == 0x20 || rest.first == UInt8(ascii: "|") { break }
        step.name = try name()
        while take("[") { step.tests.append(try test()) }
        if case .attribute? = steps.last?.name { throw TextFormatError("goes on behind an attribute") }
        steps.append(step)
      }
      return steps
    }

    mutating func name() throws(TextFormatError) -> Name {
      let isAttribute = take("@")
      if take("*") { return isAttribute ? .anyAttribute : .anyElement }
      if !isAttribute {
        if take("text()") { return .text }
        if take("comment()") { return .comment }
        if take("node()") { return .node }
      }
      let name = rest.prefix(while: XMLTree.isOfName)
      if name.isEmpty || name.first == UInt8(ascii: ".") {
        let hint = rest.first == UInt8(ascii: ".") ? ": ./ is not known here" : ""
        throw TextFormatError("has no name where one is expected, \(shown)\(hint)")
      }
      rest = rest.dropFirst(name.count)
      // Names with these behind them are functions and axes.
      let isAxis = zip(name, name.dropFirst()).contains { $0 == UInt8(ascii: ":") && $1 == UInt8(ascii: ":") }
      if rest.first == UInt8(ascii: "(") || isAxis {
        let shown = String(decoding: name, as: UTF8.self).forDisplay(maxCharacters: 40)
        throw TextFormatError(
          "uses \(shown), which is not known here: tests are by position, presence or value, and there are no axes")
      }
      return isAttribute ? .attribute(Array(name)) : .element(Array(name))
    }

    mutating func test() throws(TextFormatError) -> Test {
      skipSpace()
      let test: Test
      let digits = rest.prefix(while: \.isDigit)
      if !digits.isEmpty {
        guard digits.count <= 6, let number = Int(String(decoding: digits, as: UTF8.self)), number > 0 else {
          throw TextFormatError("has a position that is out of range")
        }
        rest = rest.dropFirst(digits.count)
        test = .position(number)
      } else if take("last()") {
        test = .position(0)
      } else {
        let name = try name()
        skipSpace()
        test = .holds(name, take("=") ? try literal() : nil)
      }
      skipSpace()
      guard take("]") else {
        throw TextFormatError("has a test that is not known here, \(shown): tests are by position, presence or value")
      }
      return test
    }

    mutating func literal() throws(TextFormatError) -> [UInt8] {
      skipSpace()
      guard let quote = rest.first, quote.isQuote, let end = rest.dropFirst().firstIndex(of: quote) else {
        throw TextFormatError("has no value in quotes where one is expected, \(shown)")
      }
      defer { rest = rest[(end + 1)...] }
      return Array(rest[(rest.startIndex + 1)..<end])
    }
  }
}
