package import LogPipeline

/// The records that somebody may see: those of which one of some conditions holds.
///
/// A view with a scope asks it of each block before anything else, so that of other records nothing is found, counted
/// or named.
package struct RecordScope: Sendable {
  let conditions: [RecordCondition]

  package init(anyOf conditions: [RecordCondition]) { self.conditions = conditions }
}
