/// A password, token or key: it can be used but not printed.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What is shown in place of any secret.
  package static let redacted = "[REDACTED]"

  private let value: String

  /// A secret of this text.
  package init(_ value: String) { self.value = value }

  /// The secret itself, for the one place that sends it.
  package func reveal() -> String { value }

  /// True if there is no text.
  package var isEmpty: Bool { value.isEmpty }
  /// Always `[REDACTED]`.
  package var description: String { Self.redacted }
  /// Always `[REDACTED]`.
  package var debugDescription: String { Self.redacted }
  /// A mirror of `[REDACTED]`, so that `dump` shows no more.
  package var customMirror: Mirror { Mirror(reflecting: Self.redacted) }
}
