import Options

/// What is wrong with a statement or condition, found when it is loaded.
struct OTTLLoadError: Error, Hashable, Sendable {
  /// What is wrong: what was expected, what stands there and the nearest name.
  var message: String
  /// The byte of the text at which it is.
  var offset: Int

  init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }

  init(_ message: String, at span: OTTLSpan) { self.init(message, at: span.start) }

  /// The message with line and column of the text, both from 1; the column counts characters.
  func described(in text: String) -> String {
    let before = Array(text.utf8.prefix(offset))
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let column = String(decoding: before[lineStart...], as: UTF8.self).count + 1
    return "line \(line), column \(column): \(message)"
  }
}

extension OTTLSpan {
  /// From the start of one to the end of another.
  func through(_ other: OTTLSpan) -> OTTLSpan { OTTLSpan(start: start, end: other.end) }

  /// What stands there.
  func text(in text: String) -> String {
    String(decoding: Array(text.utf8.dropFirst(start).prefix(max(0, end - start))), as: UTF8.self)
  }
}
