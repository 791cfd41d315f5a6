/// How large a statement or condition may be.
enum OTTLTextLimits {
  /// The longest text, in bytes.
  static let maxBytes = 64 << 10
  /// The most levels of parts within parts.
  static let maxDepth = 64
  /// The most parts: values, comparisons, calls, words of paths.
  static let maxParts = 8192
  /// The most parameters of one lambda.
  static let maxParameters = 8
}
