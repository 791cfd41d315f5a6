/// Which dead letters a command is about; every member that is set has to match.
package struct DeadLetterFilter: Sendable, Equatable {
  /// The exporter's id.
  package var exporter: String?
  /// A text that the reason contains.
  package var reason: String?
  /// Rejected before this time: RFC 3339 in UTC, or as much of its beginning as is wanted.
  package var before: String?
  /// The kind of reason, as summaries tell it.
  package var kind: String?
  /// Where the letters stand in their file.
  package var places: Set<DeadLetterPlace>?

  package init(exporter: String? = nil, reason: String? = nil, before: String? = nil) {
    self.exporter = exporter
    self.reason = reason
    self.before = before
  }

  package func matches(_ letter: DeadLetter) -> Bool {
    if let exporter, letter.exporter != exporter { return false }
    if let reason, !Self.contains(letter.reason, reason) { return false }
    if let kind, letter.reasonKind != kind { return false }
    // In this notation, times sort as texts.
    if let before, Self.sortable(letter.time) >= Self.sortable(before) { return false }
    return true
  }

  /// Whether a line's letter is meant.
  func matches(_ letter: DeadLetter, in line: DeadLetterReader.Line) -> Bool {
    (places?.contains(line.place) ?? true) && matches(letter)
  }

  /// True for `2026-01-31`, `2026-01-31T23:59:59Z` and everything between.
  package static func isTime(_ text: String) -> Bool {
    let pattern = Array("0000-00-00T00:00:00".utf8)
    let digits = sortable(text).utf8.prefix { $0 != UInt8(ascii: ".") }
    return digits.count >= 10 && digits.count <= pattern.count
      && zip(digits, pattern).allSatisfy { byte, wanted in
        wanted == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == wanted
      }
  }

  static func sortable(_ time: String) -> Substring { time.hasSuffix("Z") ? time.dropLast() : time[...] }

  private static func contains(_ text: String, _ part: String) -> Bool {
    let (text, part) = (Array(text.utf8), Array(part.utf8))
    if part.count > text.count { return false }
    return (0...(text.count - part.count)).contains { text[$0..<$0 + part.count].elementsEqual(part) }
  }
}
