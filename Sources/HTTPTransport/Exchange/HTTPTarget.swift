/// The target of a request: RFC 9112 section 3.2.
enum HTTPTarget {
  /// The path and the query of a target; an absolute one loses its scheme and authority.
  static func split(_ target: String) -> (path: String, query: String) {
    let origin = originForm(target[...])
    guard let mark = origin.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (String(origin), "") }
    return (String(origin[..<mark]), String(origin[origin.utf8.index(after: mark)...]))
  }

  private static func originForm(_ target: Substring) -> Substring {
    guard target.utf8.first != UInt8(ascii: "/") else { return target }
    let scheme = target.prefix(8).lowercased()
    let skipped = scheme == "https://" ? 8 : scheme.hasPrefix("http://") ? 7 : 0
    guard skipped > 0 else { return target }
    let rest = target.dropFirst(skipped)
    let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
    return end < rest.endIndex && rest.utf8[end] == UInt8(ascii: "/") ? rest[end...] : "/" + rest[end...]
  }
}
