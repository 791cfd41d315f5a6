/// A password, token or key: it can be used but not printed.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What is shown in place of any secret.
  package static let redacted = "[REDACTED]"

  private let value: String

  package init(_ value: String) { self.value = value }

  /// The secret itself, for the one place that sends it.
  package func reveal() -> String { value }

  package var isEmpty: Bool { value.isEmpty }
  package var description: String { Self.redacted }
  package var debugDescription: String { Self.redacted }
  package var customMirror: Mirror { Mirror(reflecting: Self.redacted) }
}
