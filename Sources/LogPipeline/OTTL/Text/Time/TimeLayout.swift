/// How a time is written: a list of elements, taken from a layout of Go's package `time` or from strptime's directives.
struct TimeLayout: Sendable, Equatable {
  /// What a number of one digit has before it.
  enum Padding: Equatable, Sendable { case none, zero, space }

  /// How the offset of a zone is written.
  struct Offset: Equatable, Sendable {
    var colons = false
    var minutes = true
    var seconds = false
    /// Whether `Z` stands for UTC.
    var hasZ = false
  }

  enum Element: Equatable, Sendable {
    /// Bytes of `text`.
    case literal(Range<Int>)
    /// A character that a directive brings along.
    case character(UInt8)
    case year, shortYear
    case monthName, shortMonthName
    case month(Padding)
    case weekdayName, shortWeekdayName
    case day(Padding), yearDay(Padding)
    case hour
    case halfDayHour(Padding), minute(Padding), second(Padding)
    /// `PM` and `AM`, or in small letters.
    case halfDay(isUpper: Bool)
    /// A separator and so many digits; if `isLoose` any number of digits, or nothing, when read, and no zeros at the
    /// end when written.
    case fraction(separator: UInt8, digits: Int, isLoose: Bool)
    case offset(Offset)
    case zoneName
  }

  /// The most bytes of a layout.
  static let maxBytes = 1024

  let text: [UInt8]
  private(set) var elements: [Element] = []

  /// A format with strptime's directives, or a layout of Go if it has no percent sign.
  init(_ format: [UInt8]) throws(TextFormatError) {
    if format.isEmpty { throw TextFormatError("is empty") }
    if format.count > Self.maxBytes {
      throw TextFormatError("has \(format.count) bytes: the limit is \(Self.maxBytes)")
    }
    text = format
    if format.contains(UInt8(ascii: "%")) { try readDirectives() } else { try readGoLayout() }
  }

  private mutating func addLiteral(_ range: Range<Int>) {
    if !range.isEmpty { elements.append(.literal(range)) }
  }

  /// A layout of Go for RFC 3339, with the digits that a time has.
  static let rfc3339 = TimeLayout(
    elements: [
      .year, .character(0x2D), .month(.zero), .character(0x2D), .day(.zero), .character(0x54), .hour, .character(0x3A),
      .minute(.zero), .character(0x3A), .second(.zero), .fraction(separator: 0x2E, digits: 9, isLoose: true),
      .offset(Offset(colons: true, hasZ: true)),
    ])

  private init(elements: [Element]) {
    text = []
    self.elements = elements
  }

  var hasYear: Bool { elements.contains(.year) || elements.contains(.shortYear) }

  /// Whether there is a date, and not merely a time of day.
  var hasDate: Bool {
    elements.contains { element in
      switch element {
      case .year, .shortYear, .monthName, .shortMonthName, .month, .day, .yearDay, .weekdayName, .shortWeekdayName:
        true
      default: false
      }
    }
  }

  /// Whether it ends with a `Z` that is no directive: such times are of UTC.
  var endsWithZ: Bool {
    guard case .literal(let range)? = elements.last else { return false }
    return text[range.upperBound - 1] == UInt8(ascii: "Z")
  }

  // MARK: Directives of strptime

  private mutating func readDirectives() throws(TextFormatError) {
    var place = 0
    var start = 0
    while place < text.count {
      if text[place].isDigit { throw TextFormatError("holds digits beside its directives") }
      guard text[place] == UInt8(ascii: "%") else {
        place += 1
        continue
      }
      guard place + 1 < text.count else { throw TextFormatError("ends with %") }
      let letter = text[place + 1]
      if let digits = Self.fractionDigits[letter] {
        guard place > start, [UInt8(ascii: "."), UInt8(ascii: ",")].contains(text[place - 1]) else {
          throw TextFormatError("has %\(Character(Unicode.Scalar(letter))) without . or , before it")
        }
        addLiteral(start..<place - 1)
        elements.append(.fraction(separator: text[place - 1], digits: digits, isLoose: true))
      } else if letter == UInt8(ascii: "%") {
        addLiteral(start..<place + 1)
      } else {
        guard let meant = Self.directives[letter] else {
          throw TextFormatError("has the directive %\(Character(Unicode.Scalar(letter))), which is not known")
        }
        addLiteral(start..<place)
        try append(meant)
      }
      place += 2
      start = place
    }
    addLiteral(start..<text.count)
  }

  private static let fractionDigits: [UInt8: Int] = [
    UInt8(ascii: "L"): 3, UInt8(ascii: "f"): 6, UInt8(ascii: "s"): 9,
  ]

  /// Elements by the letter of a directive; letters of other letters stand for those.
  private enum Directive { case element(Element), letters(StaticString), character(UInt8) }

  private static let directives: [UInt8: Directive] = [
    UInt8(ascii: "Y"): .element(.year), UInt8(ascii: "y"): .element(.shortYear),
    UInt8(ascii: "m"): .element(.month(.zero)), UInt8(ascii: "o"): .element(.month(.space)),
    UInt8(ascii: "q"): .element(.month(.none)), UInt8(ascii: "b"): .element(.shortMonthName),
    UInt8(ascii: "h"): .element(.shortMonthName), UInt8(ascii: "B"): .element(.monthName),
    UInt8(ascii: "d"): .element(.day(.zero)), UInt8(ascii: "e"): .element(.day(.space)),
    UInt8(ascii: "g"): .element(.day(.none)), UInt8(ascii: "a"): .element(.shortWeekdayName),
    UInt8(ascii: "A"): .element(.weekdayName), UInt8(ascii: "H"): .element(.hour),
    UInt8(ascii: "l"): .element(.halfDayHour(.none)), UInt8(ascii: "I"): .element(.halfDayHour(.zero)),
    UInt8(ascii: "p"): .element(.halfDay(isUpper: true)), UInt8(ascii: "P"): .element(.halfDay(isUpper: false)),
    UInt8(ascii: "M"): .element(.minute(.zero)), UInt8(ascii: "S"): .element(.second(.zero)),
    UInt8(ascii: "Z"): .element(.zoneName), UInt8(ascii: "z"): .element(.offset(Offset(hasZ: true))),
    UInt8(ascii: "w"): .element(.offset(Offset(seconds: true))),
    UInt8(ascii: "i"): .element(.offset(Offset(minutes: false))),
    UInt8(ascii: "j"): .element(.offset(Offset(colons: true))),
    UInt8(ascii: "k"): .element(.offset(Offset(colons: true, seconds: true))),
    UInt8(ascii: "D"): .letters("m/d/Y"), UInt8(ascii: "x"): .letters("m/d/Y"), UInt8(ascii: "F"): .letters("Y-m-d"),
    UInt8(ascii: "T"): .letters("H:M:S"), UInt8(ascii: "X"): .letters("H:M:S"),
    UInt8(ascii: "r"): .letters("I:M:S P"), UInt8(ascii: "R"): .letters("H:M"),
    UInt8(ascii: "c"): .letters("a b d H:M:S Y"), UInt8(ascii: "n"): .character(0x0A),
    UInt8(ascii: "t"): .character(0x09),
  ]

  /// Adds what a directive stands for.
  private mutating func append(_ directive: Directive) throws(TextFormatError) {
    switch directive {
    case .element(let element): elements.append(element)
    case .character(let byte): elements.append(.character(byte))
    case .letters(let letters):
      for byte in letters.rawBytes {
        if let meant = Self.directives[byte] { try append(meant) } else { elements.append(.character(byte)) }
      }
    }
  }
}

// MARK: Layouts of Go

extension TimeLayout {
  /// Elements that letters and digits of a layout stand for; of two that begin alike the longer comes first.
  private static let goElements: [(text: StaticString, element: Element)] = [
    ("January", .monthName), ("Jan", .shortMonthName), ("Monday", .weekdayName), ("Mon", .shortWeekdayName),
    ("MST", .zoneName), ("2006", .year), ("002", .yearDay(.zero)), ("__2", .yearDay(.space)), ("_2", .day(.space)),
    ("15", .hour), ("01", .month(.zero)), ("02", .day(.zero)), ("03", .halfDayHour(.zero)), ("04", .minute(.zero)),
    ("05", .second(.zero)), ("06", .shortYear), ("PM", .halfDay(isUpper: true)), ("pm", .halfDay(isUpper: false)),
    ("-07:00:00", .offset(Offset(colons: true, seconds: true))), ("-070000", .offset(Offset(seconds: true))),
    ("-07:00", .offset(Offset(colons: true))), ("-0700", .offset(Offset())), ("-07", .offset(Offset(minutes: false))),
    ("Z07:00:00", .offset(Offset(colons: true, seconds: true, hasZ: true))),
    ("Z070000", .offset(Offset(seconds: true, hasZ: true))), ("Z07:00", .offset(Offset(colons: true, hasZ: true))),
    ("Z0700", .offset(Offset(hasZ: true))), ("Z07", .offset(Offset(minutes: false, hasZ: true))),
    ("1", .month(.none)), ("2", .day(.none)), ("3", .halfDayHour(.none)), ("4", .minute(.none)), ("5", .second(.none)),
  ]

  private mutating func readGoLayout() throws(TextFormatError) {
    var place = 0
    var start = 0
    while place < text.count {
      guard let (element, length) = Self.goElement(of: text, at: place) else {
        if text[place] == UInt8(ascii: "9"), place + 1 < text.count, text[place + 1] == UInt8(ascii: "9") {
          throw TextFormatError("has digits of a fraction without . or , before them")
        }
        place += 1
        continue
      }
      addLiteral(start..<place)
      elements.append(element)
      place += length
      start = place
    }
    addLiteral(start..<text.count)
  }

  private static func goElement(of text: [UInt8], at place: Int) -> (Element, length: Int)? {
    if let fraction = fraction(of: text, at: place) { return fraction }
    // An underscore before a year is one.
    if text[place...].starts(with: "_2006".utf8) { return nil }
    for (name, element) in goElements where text[place...].starts(with: name.rawBytes) {
      let end = place + name.utf8CodeUnitCount
      let isShortName = element == .shortMonthName || element == .shortWeekdayName
      if isShortName, end < text.count, text[end].isLower { continue }
      return (element, name.utf8CodeUnitCount)
    }
    return nil
  }

  /// `.000` or `,999`, behind which no digit stands.
  private static func fraction(of text: [UInt8], at place: Int) -> (Element, length: Int)? {
    guard text[place] == UInt8(ascii: ".") || text[place] == UInt8(ascii: ","), place + 1 < text.count else {
      return nil
    }
    let digit = text[place + 1]
    guard digit == UInt8(ascii: "0") || digit == UInt8(ascii: "9") else { return nil }
    let end = text[(place + 1)...].firstIndex { $0 != digit } ?? text.count
    if end < text.count, text[end].isDigit { return nil }
    let digits = end - place - 1
    guard digits <= 9 else { return nil }
    return (.fraction(separator: text[place], digits: digits, isLoose: digit == UInt8(ascii: "9")), digits + 1)
  }
}

/// Names of months and days, as layouts write them.
enum CalendarNames {
  static let months: [StaticString] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  static let weekdays: [StaticString] = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
}
