import Options

/// Functions that the Collector has, and that are not known where all others are.
enum OTTLAbsentFunctions {
  /// Why they are not here.
  static let reasons = [
    "IsRootSpan": "it asks about spans, and there are only logs here",
    "route": "it stands in a statement of a routing table, and nowhere else",
    "ProfileID": "it makes ids of profiles, and there are only logs here",
  ]

  /// What is said behind a name that is unknown: why it is, or the nearest name that is known.
  static func hint(for name: String, among known: [String]) -> String {
    reasons[name].map { ": \($0)" } ?? suggestion(for: name, among: known)
  }
}
