/// Members of maps of which one names what another holds: `{"name": "DB_PASSWORD", "value": "…"}`.
enum ListedNames {
  /// The longest name that is taken for one, in bytes.
  static let maxNameBytes = 64

  /// Whether a key's value names something.
  static func isName(_ key: UnsafeRawBufferPointer) -> Bool {
    isOne(
      key, of: "name", "key", "field", "header", "param", "parameter", "variable", "env", "property", "attribute", "k")
  }

  /// Whether a key's value is what something is set to.
  static func isValue(_ key: UnsafeRawBufferPointer) -> Bool {
    isOne(key, of: "value", "values", "val", "v", "content", "data", "default", "text", "string", "stringvalue")
  }

  private static func isOne(_ key: UnsafeRawBufferPointer, of words: StaticString...) -> Bool {
    let text = ScannedText(key)
    return words.contains { $0.utf8CodeUnitCount == text.count && text.hasIgnoringCase($0, at: 0) }
  }

  /// Whether a key's value points at what `value` beside it is for, as the path of an operation of JSON Patch does
  /// (RFC 6902).
  static func isPointer(_ key: UnsafeRawBufferPointer) -> Bool { isOne(key, of: "path") }

  /// Whether a key's value is what another member points at.
  static func isPointed(_ key: UnsafeRawBufferPointer) -> Bool { isOne(key, of: "value") }

  /// What a member says of its siblings.
  enum Siblings {
    /// Nothing.
    case free
    /// One points at a secret, so that `value` is one.
    case pointed
    /// One names a secret, so that all values are.
    case named

    /// What the value of a key may say.
    init(of key: UnsafeRawBufferPointer) {
      self = ListedNames.isName(key) ? .named : ListedNames.isPointer(key) ? .pointed : .free
    }

    /// Whether the value of a key is a secret.
    func hide(_ key: UnsafeRawBufferPointer) -> Bool {
      switch self {
      case .free: false
      case .pointed: ListedNames.isPointed(key)
      case .named: ListedNames.isValue(key)
      }
    }
  }

  /// The last name of a pointer (RFC 6901) such as `/user/password`; nil if a value is none.
  static func pointedName(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard value.first == UInt8(ascii: "/"), let slash = value.suffix(maxNameBytes + 1).lastIndex(of: UInt8(ascii: "/"))
    else { return nil }
    let name = UnsafeRawBufferPointer(rebasing: value[(slash + 1)...])
    return mayBeName(name) ? name : nil
  }

  /// Whether a value may be a name: short, and of the characters of names.
  static func mayBeName(_ value: UnsafeRawBufferPointer) -> Bool {
    value.count <= maxNameBytes
      && value.allSatisfy { $0.isWord || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 >= 0x80 }
  }

  /// The name in a flag such as `--password`, `-Password` or `/password`; nil if a value is none.
  static func flagName(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard let first = value.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "/") else { return nil }
    let name = UnsafeRawBufferPointer(rebasing: value.drop { $0 == first })
    return mayBeName(name) ? name : nil
  }
}
