import Foundation

/// A query as tests make it, with what it means said once more, one record after the other.
indirect enum SampleQuery {
  case all
  case and([SampleQuery])
  case or([SampleQuery])
  case not(SampleQuery)
  case words(String, String, isPrefix: Bool)
  case exact(String, String)
  case pattern(String, String)
  case compare(String, String, String)
  case present(String)
  case severity(String, String)
  case trace([UInt8])
  case time(UInt64, UInt64)

  /// The query as one writes it.
  var text: String {
    switch self {
    case .all: "*"
    case .and(let list): "(" + list.map(\.text).joined(separator: " ") + ")"
    case .or(let list): "(" + list.map(\.text).joined(separator: " OR ") + ")"
    case .not(let query): "NOT " + query.text
    case .words(let field, let text, let isPrefix): Self.name(field) + Self.quoted(text) + (isPrefix ? "*" : "")
    case .exact(let field, let text): Self.name(field) + "=" + Self.quoted(text)
    case .pattern(let field, let pattern): Self.name(field) + "~" + Self.quoted(pattern)
    case .compare(let field, let sign, let text): Self.name(field) + sign + Self.quoted(text)
    case .present(let field): Self.name(field) + "*"
    case .severity(let sign, let name): "severity\(sign.isEmpty ? ":" : sign)\(name)"
    case .trace(let id): "trace_id:" + id.map { String(format: "%02x", $0) }.joined()
    case .time(let first, let end): "_time:[\(first), \(end))"
    }
  }

  private static func name(_ field: String) -> String { field.isEmpty ? "" : quoted(field) + ":" }

  private static func quoted(_ text: String) -> String {
    let escaped = text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
    return "\"" + escaped.replacingOccurrences(of: "\n", with: "\\n") + "\""
  }

  /// Whether a record is meant.
  func means(_ record: OracleRecord) -> Bool {
    switch self {
    case .all: true
    case .and(let list): list.allSatisfy { $0.means(record) }
    case .or(let list): list.contains { $0.means(record) }
    case .not(let query): !query.means(record)
    case .words(let field, let text, let isPrefix):
      record.texts(of: field).contains { OracleText.has(text, in: $0, isPrefix: isPrefix) }
    case .exact(let field, let text): record.texts(of: field).contains(Array(text.utf8))
    case .pattern(let field, let pattern):
      record.texts(of: field).contains {
        String(decoding: $0, as: UTF8.self).range(of: pattern, options: .regularExpression) != nil
      }
    case .compare(let field, let sign, let text):
      record.leaves(of: field).contains { Self.holds($0, sign, text) }
    case .present(let field): !record.leaves(of: field).isEmpty
    case .severity(let sign, let name): Self.holds(record.severity, sign, name)
    case .trace(let id): record.trace == id
    case .time(let first, let end): first <= record.time && record.time < end
    }
  }

  private static func holds(_ severity: Int, _ sign: String, _ name: String) -> Bool {
    let index = ["trace", "debug", "info", "warn", "error", "fatal"].firstIndex(of: name) ?? 0
    let (first, last) = (index * 4 + 1, index * 4 + 4)
    return switch sign {
    case ">=": severity >= first
    case ">": severity > last
    case "<=": severity > 0 && severity <= last
    case "<": severity > 0 && severity < first
    default: (first...last).contains(severity)
    }
  }

  private static func holds(_ leaf: SampleValue, _ sign: String, _ text: String) -> Bool {
    func compare<T: Comparable>(_ a: T, _ b: T) -> Bool {
      switch sign {
      case ">": a > b
      case ">=": a >= b
      case "<": a < b
      default: a <= b
      }
    }
    if let number = Double(text) {
      switch leaf {
      case .int(let own): return compare(Double(own), number)
      case .double(let own): return compare(own, number)
      case .text(let own): return own.utf8.count <= 32 && Double(own).map { compare($0, number) } ?? false
      default: return false
      }
    }
    guard case .text(let own) = leaf else { return false }
    let (a, b) = (Array(own.utf8), Array(text.utf8))
    return compare(a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1, 0)
  }
}

/// What a record has, field by field.
final class OracleRecord {
  let record: SampleRecord
  let time: UInt64
  let severity: Int
  var trace: [UInt8] { record.trace }
  private var kept: [String: [SampleValue]] = [:]
  private var keptTexts: [String: [[UInt8]]] = [:]

  init(_ record: SampleRecord, received: UInt64) {
    self.record = record
    time = record.time != 0 ? record.time : record.observed != 0 ? record.observed : received
    let named = ["info": 9, "warning": 13, "error": 17, "fatal": 21]
    severity = record.severity != 0 ? Int(record.severity) : named[record.severityText.lowercased()] ?? 0
  }

  /// The values of a field as text.
  func texts(of field: String) -> [[UInt8]] {
    if let texts = keptTexts[field] { return texts }
    let texts = leaves(of: field).compactMap { OracleText.of($0).map { Array($0.utf8) } }
    keptTexts[field] = texts
    return texts
  }

  /// The scalars of a field that are not empty.
  func leaves(of field: String) -> [SampleValue] {
    if let leaves = kept[field] { return leaves }
    let leaves = values(of: field).flatMap(Self.leaves).filter { $0 != .text("") && $0 != .bytes([]) }
    kept[field] = leaves
    return leaves
  }

  private static func leaves(_ value: SampleValue) -> [SampleValue] {
    switch value {
    case .array(let list): list.flatMap(leaves)
    case .map(let pairs): pairs.flatMap { leaves($0.value) }
    default: [value]
    }
  }

  private func values(of field: String) -> [SampleValue] {
    let stream = record.stream
    switch field {
    case "":
      return [record.body].compactMap(\.self)
        + (record.attributes + stream.resourceAttributes + stream.scopeAttributes).map(\.value)
        + [stream.scope, stream.scopeVersion, record.severityText, record.eventName].map { .text($0) }
    case "_msg":
      if case .map = record.body { return [] }
      return [record.body].compactMap(\.self)
    case "severity_text": return [.text(record.severityText)]
    case "event_name": return [.text(record.eventName)]
    case "scope.name": return [.text(stream.scope)]
    case "scope.version": return [.text(stream.scopeVersion)]
    case "trace_id": return [.text(trace.map { String(format: "%02x", $0) }.joined())]
    default:
      var pairs = record.attributes + stream.resourceAttributes + stream.scopeAttributes
      if case .map(let members) = record.body { pairs += members }
      return Self.values(in: pairs, of: field)
    }
  }

  private static func values(in pairs: [SamplePair], of name: String) -> [SampleValue] {
    pairs.flatMap { pair -> [SampleValue] in
      let (key, value) = (pair.key, pair.value)
      if key == name { return [value] }
      guard name.hasPrefix(key + "."), case .map(let members) = value else { return [] }
      return values(in: members, of: String(name.dropFirst(key.count + 1)))
    }
  }
}

/// What words are, said once more.
enum OracleText {
  static func of(_ value: SampleValue) -> String? {
    switch value {
    case .text(let text): text
    case .int(let number): "\(number)"
    case .double(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
    case .bool(let value): "\(value)"
    case .bytes, .array, .map: nil
    }
  }

  private static func isLetter(_ scalar: UnicodeScalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic && !isIdeograph(scalar) || ("0"..."9").contains(scalar)
  }

  private static func isIdeograph(_ scalar: UnicodeScalar) -> Bool {
    (0x3040...0x30FF).contains(scalar.value) || (0x4E00...0x9FFF).contains(scalar.value)
  }

  private static func folded(_ text: some Sequence<UInt8>) -> [UnicodeScalar] {
    String(decoding: Array(text), as: UTF8.self).unicodeScalars.map {
      ("A"..."Z").contains($0) ? UnicodeScalar($0.value + 32) ?? $0 : $0
    }
  }

  static func has(_ words: String, in text: [UInt8], isPrefix: Bool) -> Bool {
    let (needle, text) = (folded(words.utf8), folded(text))
    guard let first = needle.first, let last = needle.last, needle.count <= text.count else { return false }
    for start in 0...text.count - needle.count where text[start] == first {
      let end = start + needle.count
      guard text[start..<end].elementsEqual(needle) else { continue }
      if isLetter(first), start > 0, isLetter(text[start - 1]) { continue }
      if !isPrefix, isLetter(last), end < text.count, isLetter(text[end]) { continue }
      return true
    }
    return false
  }
}

extension SampleMaker {
  private static let fields = [
    "", "", "", "_msg", "severity_text", "event_name", "scope.name", "service.name", "http.status", "http", "user",
    "user.name", "k8s.pod", "n", "flag", "odd key", "状态", "http.n", "user.name.flag", "list",
  ]

  /// A query that some of the records that this makes may have been made for.
  mutating func query(depth: Int = 0) -> SampleQuery {
    switch number(depth > 2 ? 9 : 13) {
    case 0, 1: return .words(pick(Self.fields), phrase(), isPrefix: false)
    case 2: return .words("", pick(Self.words), isPrefix: false)
    case 3:
      let word = pick(Self.words)
      return .words(pick(Self.fields), String(word.prefix(1 + Int(number(4)))), isPrefix: true)
    case 4:
      return .severity(pick(["", ">=", ">", "<", "<="]), pick(["trace", "debug", "info", "warn", "error", "fatal"]))
    case 5:
      return chance(50) ? .present(pick(Array(Self.fields.dropFirst(3)))) : .exact(pick(Self.fields), pick(Self.words))
    case 6:
      return .compare(
        pick(Array(Self.fields.dropFirst(3))), pick([">", ">=", "<", "<="]), pick(["5", "-3.5", "42", "order", "支付"]))
    case 7:
      return .pattern(pick(Self.fields), pick(["err.", "[0-9][0-9]", "(?i)ERROR", "^order", "失.", "a|x", "支付.?失"]))
    case 8:
      let start = Self.base + number(400) * 1_000_000
      return .time(start, start + 1 + number(300) * 1_000_000)
    case 9, 10: return .and((0..<2 + number(2)).map { _ in query(depth: depth + 1) })
    case 11: return .or((0..<2 + number(2)).map { _ in query(depth: depth + 1) })
    default: return .not(query(depth: depth + 1))
    }
  }

  private mutating func phrase() -> String {
    chance(70) ? pick(Self.words) : pick(Self.words) + pick([" ", ", ", "", "，"]) + pick(Self.words)
  }
}
