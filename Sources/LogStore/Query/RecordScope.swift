package import LogPipeline

/// The records that somebody may see: those of which one of some conditions holds.
///
/// A view with a scope asks it of each block before anything else, so that of other records nothing is found, counted
/// or named.
package struct RecordScope: Sendable {
  let conditions: [RecordCondition]

  package init(anyOf conditions: [RecordCondition]) { self.conditions = conditions }

  /// For each record of a request whether it may be seen; nil if that cannot be told.
  package func sees(inRequest body: [UInt8]) -> [Bool]? {
    var seen: [Bool]?
    for condition in conditions {
      guard let holds = condition.matches(inRequest: body) else { return nil }
      seen = seen.map { zip($0, holds).map { $0 || $1 } } ?? holds
    }
    return seen
  }
}
