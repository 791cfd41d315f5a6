/// Whether a dialect's frames may have marks that say which header fields records are sent under.
package enum SectionMarks: Sendable, Equatable {
  /// No frame has any.
  case never
  /// `encode` writes none; frames that another configuration left may have some.
  case left
  /// `encode` begins every frame with one.
  case written
}
