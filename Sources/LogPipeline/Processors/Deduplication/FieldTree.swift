/// Paths of fields within a map, such as `src.ip`, as a tree of their keys.
package struct FieldTree: Sendable {
  private struct Branch: Sendable {
    let key: [UInt8]
    /// Whether a path ends here.
    var isNamed: Bool
    var below: FieldTree
  }

  private var branches: [Branch] = []

  package init() {}

  package var isEmpty: Bool { branches.isEmpty }

  /// Adds a path of at least one key.
  package mutating func insert(_ path: some Collection<[UInt8]>) {
    guard let key = path.first else { return }
    let rest = path.dropFirst()
    let index = branches.firstIndex { $0.key == key } ?? branches.endIndex
    if index == branches.endIndex { branches.append(Branch(key: key, isNamed: false, below: FieldTree())) }
    if rest.isEmpty { branches[index].isNamed = true } else { branches[index].below.insert(rest) }
  }

  /// What the tree says of a field: whether it is named, and the paths that go on below it.
  @inline(__always)
  func find(_ key: ByteSlice, in store: RawSpan) -> (isNamed: Bool, below: FieldTree?) {
    for branch in branches where branch.key.count == Int(key.count) {
      let isEqual = branch.key.withUnsafeBytes { store.extracting(key.range).isEqual(to: $0) }
      if isEqual { return (branch.isNamed, branch.below.isEmpty ? nil : branch.below) }
    }
    return (false, nil)
  }
}

/// A field of a record by its path: `body.timestamp` or `attributes.src.ip`, a backslash before a dot of a key.
package struct RecordFieldPath: Sendable, Equatable {
  /// Where the path starts.
  package enum Root: String, Sendable { case body, attributes }

  package let root: Root
  /// The keys from the root down, at least one.
  package let keys: [[UInt8]]

  /// Nil unless the text starts at a root and names something below it.
  package init?(_ text: String) {
    var keys: [[UInt8]] = [[]]
    var isEscaped = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\") where !isEscaped: isEscaped = true
      case UInt8(ascii: ".") where !isEscaped: keys.append([])
      default:
        if isEscaped && byte != UInt8(ascii: ".") { keys[keys.count - 1].append(UInt8(ascii: "\\")) }
        keys[keys.count - 1].append(byte)
        isEscaped = false
      }
    }
    guard keys.count > 1, keys.allSatisfy({ !$0.isEmpty }) else { return nil }
    guard let root = Root(rawValue: String(decoding: keys[0], as: UTF8.self)) else { return nil }
    self.root = root
    self.keys = Array(keys.dropFirst())
  }
}

/// The fields of records that a list of paths names.
package struct RecordFields: Sendable {
  package var body = FieldTree()
  package var attributes = FieldTree()

  package init(_ paths: [RecordFieldPath] = []) {
    for path in paths {
      switch path.root {
      case .body: body.insert(path.keys)
      case .attributes: attributes.insert(path.keys)
      }
    }
  }

  package var isEmpty: Bool { body.isEmpty && attributes.isEmpty }
}
