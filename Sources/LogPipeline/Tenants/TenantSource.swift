/// What says whose records are.
package enum TenantSource: Sendable, Equatable {
  /// What authentication knows of the sender, such as `tenant`.
  case claim(String)
  /// A header field or an entry of gRPC metadata, in lower case.
  case field(String)
  /// An attribute of the resource.
  case attribute(String)

  /// The source that a text names: `auth.`, `metadata.` or `resource.` with a name behind it; nil for another text.
  package init?(_ text: String) {
    guard let dot = text.firstIndex(of: ".") else { return nil }
    let name = String(text[text.index(after: dot)...])
    if name.isEmpty { return nil }
    switch text[..<dot] {
    case "auth": self = .claim(name)
    case "metadata": self = .field(name.lowercased())
    case "resource": self = .attribute(name)
    default: return nil
    }
  }

  /// As the configuration has it.
  package var text: String {
    switch self {
    case .claim(let name): "auth.\(name)"
    case .field(let name): "metadata.\(name)"
    case .attribute(let name): "resource.\(name)"
    }
  }
}
