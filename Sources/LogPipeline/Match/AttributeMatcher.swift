/// Asks for an attribute: of a key, perhaps with a value.
package struct AttributeMatcher: Sendable {
  /// What is asked of the value.
  package enum Expected: Sendable {
    /// That there is one.
    case any
    /// That it is the same, in kind and value.
    case equal(Constant)
    /// That one of these is found in the text of a string, number or truth value.
    case text(TextMatcher)
  }

  private let key: [UInt8]
  private let expected: Expected

  package init(key: String, _ expected: Expected) {
    self.key = Array(key.utf8)
    self.expected = expected
  }

  func matches(_ attributes: EntryRange, in batch: borrowing LogBatch, with scratch: inout ByteWriter) -> Bool {
    let found = key.withUnsafeBytes { AttributeEditor(attributes).index(of: $0, in: batch) }
    guard let found else { return false }
    let value = batch.attributes[found].value
    switch expected {
    case .any: return true
    case .equal(let constant): return constant.equals(value, in: batch)
    case .text(let text):
      switch value.kind {
      case .string, .bool, .int, .double: return text.matches(value, in: batch, with: &scratch)
      case .empty, .bytes, .array, .map: return false
      }
    }
  }
}

/// Asks for an instrumentation scope: of a name, perhaps of a version.
package struct ScopeMatcher: Sendable {
  private let name: TextMatcher
  private let version: TextMatcher?

  package init(name: TextMatcher, version: TextMatcher?) {
    self.name = name
    self.version = version
  }

  func matches(_ scope: Scope, in batch: borrowing LogBatch) -> Bool {
    guard name.matches(scope.name, in: batch) else { return false }
    return version.map { $0.matches(scope.version, in: batch) } ?? true
  }
}
