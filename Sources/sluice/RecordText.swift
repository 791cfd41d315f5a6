/// A record as a line for people: time, severity, service, message, then its other fields.
enum RecordText {
  /// Fields that are not shown among the others.
  private static let named: Set<String> = [
    "_time", "_stream", "_stream_id", "_msg", "severity", "severity_number", "severity_text", "service.name",
  ]

  /// What a line of flat JSON says; the line itself if it is none.
  static func text(of line: String) -> String {
    guard let fields = FlatObject.members(of: line) else { return visible(line) }
    func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    if let skipped = value("_skipped") { return "… \(visible(skipped)) records were passed over" }
    var parts = [value("_time") ?? "-", (value("severity") ?? "-").uppercased(), value("service.name") ?? "-"]
    if let message = value("_msg") { parts.append(message) }
    parts += fields.filter { !named.contains($0.name) }.map { "\($0.name)=\($0.value)" }
    return parts.map(visible).joined(separator: " ")
  }
}

/// An object of JSON whose members are all strings.
enum FlatObject {
  typealias Member = (name: String, value: String)

  /// The members in their order; nil if the text is no such object.
  static func members(of text: String) -> [Member]? {
    var rest = text.unicodeScalars[...]
    var members: [Member] = []
    guard rest.popFirst() == "{" else { return nil }
    if rest.first == "}" { return [] }
    while true {
      guard let name = string(&rest), rest.popFirst() == ":", let value = string(&rest) else { return nil }
      members.append((name, value))
      switch rest.popFirst() {
      case ",": continue
      case "}": return rest.isEmpty ? members : nil
      default: return nil
      }
    }
  }

  private static func string(_ rest: inout Substring.UnicodeScalarView) -> String? {
    guard rest.popFirst() == "\"" else { return nil }
    var units: [UInt16] = []
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return String(decoding: units, as: UTF16.self)
      case "\\":
        guard let unit = escaped(&rest) else { return nil }
        units.append(unit)
      default: units += Array(UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter)
      }
    }
    return nil
  }

  private static func escaped(_ rest: inout Substring.UnicodeScalarView) -> UInt16? {
    let simple: [UnicodeScalar: UInt16] = ["n": 10, "r": 13, "t": 9, "b": 8, "f": 12, "\"": 34, "\\": 92, "/": 47]
    guard let scalar = rest.popFirst() else { return nil }
    guard scalar == "u" else { return simple[scalar] }
    let digits = String(String.UnicodeScalarView(rest.prefix(4)))
    rest = rest.dropFirst(4)
    return digits.unicodeScalars.count == 4 ? UInt16(digits, radix: 16) : nil
  }
}
