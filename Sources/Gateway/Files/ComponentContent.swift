import Options

/// What a configuration says of a component, to tell whether another says the same: the text of its section, what was
/// put in included, and which files its `…_file` options name, as they were when it was read.
package struct ComponentContent: Sendable, Equatable {
  private let node: ConfigNode
  /// The files that its options name.
  let paths: [String]
  private let files: [FileStamp?]

  /// The content of a section.
  init(_ node: ConfigNode) {
    self.node = node
    paths = Self.paths(in: node)
    files = paths.map { FileStamp($0) }
  }

  package static func == (one: ComponentContent, two: ComponentContent) -> Bool {
    one.files == two.files && one.node.says(sameAs: two.node)
  }

  /// The paths of files that a section names: of keys, certificates and the like, not of what is written.
  private static func paths(in node: ConfigNode) -> [String] {
    switch node.content {
    case .list(let items): return items.flatMap { paths(in: $0) }
    case .map(let entries):
      return entries.flatMap { entry in
        if entry.key.hasSuffix("_file"), case .scalar(let path) = entry.value.content { return [path.text] }
        return paths(in: entry.value)
      }
    case .null, .scalar, .invalid: return []
    }
  }
}
