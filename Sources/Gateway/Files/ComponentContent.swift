import Options

/// What a configuration says of a component, to tell whether another says the same: the text of its section, what was
/// put in included, and which files its options name, with what they held when it was read.
package struct ComponentContent: Sendable, Equatable {
  private let node: ConfigNode
  /// The files that its options name.
  let files: NamedFiles

  /// The content of a section that is about to be read. Of extensions the files do not count: they hold credentials and
  /// keys, and are read again without a reload.
  init(_ node: ConfigNode, of kind: ComponentKind) {
    self.node = node
    files = NamedFiles(kind == .extensions ? [] : Self.paths(in: node))
  }

  package static func == (one: ComponentContent, two: ComponentContent) -> Bool {
    one.files == two.files && one.node.says(sameAs: two.node)
  }

  /// Whether both say the same, whatever the files hold that they name.
  func says(sameAs other: ComponentContent) -> Bool { node.says(sameAs: other.node) }

  /// The paths of files that a section names: of keys, certificates and the like, not of what is written.
  private static func paths(in node: ConfigNode) -> [String] {
    switch node.content {
    case .list(let items): return items.flatMap { paths(in: $0) }
    case .map(let entries):
      return entries.flatMap { entry in
        if isOfFile(entry.key), case .scalar(let path) = entry.value.content { return [path.text] }
        return paths(in: entry.value)
      }
    case .null, .scalar, .invalid: return []
    }
  }

  /// Options of TLS, whose files are read again without a reload.
  private static let watched: Set<String> = ["cert_file", "key_file", "ca_file", "client_ca_file"]

  /// Whether an option names a file that is read when the configuration is.
  private static func isOfFile(_ key: String) -> Bool {
    (key.hasSuffix("_file") || key == "file" || key == "filename") && !watched.contains(key)
  }
}

extension [ComponentContent] {
  /// Whether all say the same, one by one, whatever the files hold that they name.
  func say(sameAs other: [ComponentContent]) -> Bool {
    count == other.count && zip(self, other).allSatisfy { $0.says(sameAs: $1) }
  }
}
