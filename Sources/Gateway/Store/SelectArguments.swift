import LogStore
import Options

/// Why a question to a store is not answered.
struct SelectRefusal: Error, Equatable {
  let status: Int
  let message: String

  init(_ message: String, status: Int = 400) {
    self.status = status
    self.message = message
  }
}

/// The arguments of a question: of its address, and of the form that it was sent as.
struct SelectArguments {
  private var values: [String: [String]] = [:]

  /// Reads what stands behind `?` and the body of a form; an argument may be in either.
  init(query: String, form: String = "") {
    for pair in "\(query)&\(form)".split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.decoded)
      values[parts[0], default: []].append(parts.count > 1 ? parts[1] : "")
    }
  }

  private static func decoded(_ part: Substring) -> String {
    let text = String(decoding: part.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    return text.utf8.contains(UInt8(ascii: "%")) ? text.percentDecoded ?? text : text
  }

  /// All that are given under a name and are not empty.
  func all(_ name: String) -> [String] { values[name, default: []].filter { !$0.isEmpty } }

  /// The first of a name; nil for none.
  subscript(name: String) -> String? { all(name).first }

  /// A count; zero stands for none given, as in VictoriaLogs.
  func count(_ name: String) throws(SelectRefusal) -> Int? {
    guard let text = self[name] else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw SelectRefusal("\(name): expected a number from 0 on, found \(text)")
    }
    return number == 0 ? nil : number
  }

  /// A time that a search may take, or a step: a duration, or a number of seconds.
  func duration(_ name: String) throws(SelectRefusal) -> Duration? {
    guard let text = self[name] else { return nil }
    if let seconds = Double(text), seconds > 0, seconds < 1e9 { return .milliseconds(Int(seconds * 1000)) }
    guard let duration = try? parseDuration(text), duration > .zero else {
      throw SelectRefusal("\(name): expected a duration such as 5m, found \(text)")
    }
    return duration
  }

  /// Nanoseconds since 1970: a time of any form that queries know, `now`, or a duration that counts back.
  func moment(_ name: String, nowUnixNano: UInt64) throws(SelectRefusal) -> UInt64? {
    guard let text = self[name] else { return nil }
    if let time = TimeText.start(text, nowUnixNano: nowUnixNano) { return time }
    throw SelectRefusal("\(name): expected a time such as 2026-01-31T10:30:00Z, found \(text)")
  }

  /// The times that are asked for: from `start` on, and before `end`; nil for all.
  func times(nowUnixNano: UInt64) throws(SelectRefusal) -> ClosedRange<UInt64>? {
    let start = try moment("start", nowUnixNano: nowUnixNano)
    let end = try moment("end", nowUnixNano: nowUnixNano)
    if start == nil && end == nil { return nil }
    let first = start ?? 0
    let last = end.map { $0 == 0 ? 0 : $0 - 1 } ?? .max
    return first...max(first, last)
  }
}
