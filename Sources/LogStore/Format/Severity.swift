/// Severities by number and name (OpenTelemetry logs data model, Severity Fields).
enum Severity {
  static let names = ["trace", "debug", "info", "warn", "error", "fatal"]
  /// Other words that sources use.
  private static let others = [
    "verbose": 0, "information": 2, "informational": 2, "notice": 2, "warning": 3, "err": 4, "critical": 5, "crit": 5,
    "alert": 5, "emerg": 5, "emergency": 5, "panic": 5,
  ]
  static let maxNumber = 24

  /// The numbers that a word means: `warn` for 13...16, `warn2` for 14, `14` for itself; nil for another word.
  static func numbers(_ word: String) -> ClosedRange<Int>? {
    if let number = Int(word) { return (0...maxNumber).contains(number) ? number...number : nil }
    let name = word.lowercased()
    if let index = names.firstIndex(of: name) ?? others[name] { return index * 4 + 1...index * 4 + 4 }
    guard let step = name.utf8.last.flatMap({ Int($0) - 48 }), (2...4).contains(step),
      let index = names.firstIndex(of: String(name.dropLast()))
    else { return nil }
    return index * 4 + step...index * 4 + step
  }

  /// The severity of a record: its number, else what its text says, else 0.
  @inline(__always)
  static func of(number: UInt8, text: UnsafeRawBufferPointer) -> UInt8 {
    if number != 0 { return min(number, UInt8(maxNumber)) }
    if text.isEmpty || text.count > 16 { return 0 }
    return ofText(text)
  }

  private static func ofText(_ text: UnsafeRawBufferPointer) -> UInt8 {
    let word = String(decoding: text, as: UTF8.self)
    return Int(word) == nil ? UInt8(numbers(word)?.lowerBound ?? 0) : 0
  }

  /// The name of a severity's group; nil for none.
  static func name(_ number: UInt8) -> String? {
    number == 0 ? nil : names[min(Int(number - 1) / 4, names.count - 1)]
  }
}
