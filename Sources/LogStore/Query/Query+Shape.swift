/// What a query asks without what it asks for.
extension Query {
  /// Characters of a shape that are shown.
  private static let maxShapeCharacters = 256

  /// The query with `…` in the place of words and values, so that it can be told to others: `service.name:…
  /// severity:… (… OR -…)`.
  package var shape: String {
    let text = text(depth: 0)
    return text.count <= Self.maxShapeCharacters ? text : String(text.prefix(Self.maxShapeCharacters)) + "…"
  }

  private func text(depth: Int) -> String {
    if depth > 16 { return "…" }
    switch self {
    case .all: return "*"
    case .and(let list): return Self.joined(list, " ", depth)
    case .or(let list): return "(\(Self.joined(list, " OR ", depth)))"
    case .not(let query): return "-\(query.text(depth: depth + 1))"
    case .time: return "_time:…"
    case .severity: return "severity:…"
    case .trace: return "trace_id:…"
    case .stream: return "_stream_id:…"
    case .field(.anywhere, _): return "…"
    case .field(let field, _): return "\(field.name):…"
    }
  }

  private static func joined(_ list: [Query], _ separator: String, _ depth: Int) -> String {
    list.prefix(maxShapeCharacters).map { $0.text(depth: depth + 1) }.joined(separator: separator)
  }
}

extension QueryField {
  /// A name that may be anything that was typed is told only if it looks like the name of an attribute.
  fileprivate var name: String {
    switch self {
    case .anywhere: ""
    case .message: "_msg"
    case .severityText: "severity_text"
    case .eventName: "event_name"
    case .traceID: "trace_id"
    case .spanID: "span_id"
    case .scopeName: "scope.name"
    case .scopeVersion: "scope.version"
    case .named(let name): Self.isPlain(name) ? name : "…"
    }
  }

  private static func isPlain(_ name: String) -> Bool {
    name.utf8.count <= 64
      && name.utf8.allSatisfy { byte in
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || "._-/".utf8.contains(byte)
      }
  }
}
