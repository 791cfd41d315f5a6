import Options

/// Functions that the Collector has, and that are not known where all others are.
enum OTTLAbsentFunctions {
  /// Why they are not here.
  static let reasons = [
    "IsRootSpan": "it asks about spans, and there are only logs here",
    "route": "it stands in a statement of a routing table, and nowhere else",
    "ProfileID": "it makes ids of profiles, and there are only logs here",
  ]

  /// Words of other languages, and what is written for them here.
  private static let others = [
    "null": "nil", "none": "nil", "undefined": "nil", "true": "true", "false": "false", "nil": "nil",
  ]

  /// What is said behind a name that is unknown: why it is, or the nearest name that is known.
  static func hint(for name: String, among known: [String]) -> String {
    if let reason = reasons[name] { return ": \(reason)" }
    let symbol = "SEVERITY_NUMBER_\(name.uppercased())"
    if known.contains(symbol) { return " (did you mean \"\(symbol)\"?)" }
    return word(for: name) ?? suggestion(for: name, among: known)
  }

  /// The word that is meant by one of another language; nil if it is no such word.
  static func word(for name: String) -> String? { others[name.lowercased()].map { " (did you mean \"\($0)\"?)" } }
}
