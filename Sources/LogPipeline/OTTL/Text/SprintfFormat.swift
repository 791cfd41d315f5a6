/// A format text of Go's `Sprintf`, taken apart.
struct SprintfFormat: Sendable {
  /// The largest width and precision; what is larger is cut to it.
  static let maxWidth = 1 << 12

  /// How wide a value is written, or with how many places.
  enum Size: Equatable, Sendable {
    case none
    case fixed(Int)
    /// The next argument says it.
    case argument
  }

  /// A verb with its flags.
  struct Directive: Equatable, Sendable {
    var verb: Unicode.Scalar = "v"
    var plus = false
    var minus = false
    var sharp = false
    var space = false
    var zero = false
    var width = Size.none
    var precision = Size.none
    /// The argument that `[n]` names, from 0.
    var argument: Int?
  }

  enum Part: Equatable, Sendable {
    case text(Range<Int>)
    case directive(Directive)
    /// The format ends behind a percent sign.
    case noVerb
  }

  let text: [UInt8]
  private(set) var parts: [Part] = []

  init(_ text: [UInt8]) {
    self.text = text
    var place = 0
    var start = 0
    while let percent = text[place...].firstIndex(of: UInt8(ascii: "%")) {
      add(start..<percent)
      place = percent + 1
      if place < text.count, text[place] == UInt8(ascii: "%") {
        start = place
        place += 1
        continue
      }
      parts.append(Self.readDirective(of: text, &place).map { .directive($0) } ?? .noVerb)
      start = place
    }
    add(start..<text.count)
  }

  private mutating func add(_ range: Range<Int>) {
    if !range.isEmpty { parts.append(.text(range)) }
  }

  /// The directives of the format.
  var directives: [Directive] {
    parts.compactMap { part in
      if case .directive(let directive) = part { return directive }
      return nil
    }
  }

  private static func readDirective(of text: [UInt8], _ place: inout Int) -> Directive? {
    var directive = Directive()
    readFlags(of: text, &place, &directive)
    directive.argument = readIndex(of: text, &place)
    directive.width = readSize(of: text, &place)
    if place < text.count, text[place] == UInt8(ascii: ".") {
      place += 1
      directive.argument = readIndex(of: text, &place) ?? directive.argument
      let precision = readSize(of: text, &place)
      directive.precision = precision == .none ? .fixed(0) : precision
    }
    directive.argument = readIndex(of: text, &place) ?? directive.argument
    guard place < text.count else { return nil }
    let (scalar, length) = text.withUnsafeBytes { CaseText.scalar(of: $0, at: place) }
    directive.verb = scalar
    place += length
    return directive
  }

  private static func readFlags(of text: [UInt8], _ place: inout Int, _ directive: inout Directive) {
    while place < text.count {
      switch text[place] {
      case UInt8(ascii: "+"): directive.plus = true
      case UInt8(ascii: "-"): directive.minus = true
      case UInt8(ascii: "#"): directive.sharp = true
      case UInt8(ascii: " "): directive.space = true
      case UInt8(ascii: "0"): directive.zero = true
      default: return
      }
      place += 1
    }
  }

  /// The argument that `[n]` names.
  private static func readIndex(of text: [UInt8], _ place: inout Int) -> Int? {
    guard place < text.count, text[place] == UInt8(ascii: "["),
      let end = text[place...].firstIndex(of: UInt8(ascii: "]"))
    else { return nil }
    let digits = text[(place + 1)..<end]
    place = end + 1
    guard (1...4).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
    return digits.reduce(0) { $0 * 10 + $1.digitValue } - 1
  }

  private static func readSize(of text: [UInt8], _ place: inout Int) -> Size {
    if place < text.count, text[place] == UInt8(ascii: "*") {
      place += 1
      return .argument
    }
    let start = place
    var number = 0
    while place < text.count, text[place].isDigit {
      number = min(number * 10 + text[place].digitValue, maxWidth)
      place += 1
    }
    return place > start ? .fixed(number) : .none
  }
}
