/// What must not go on since a limit kept a statement, or a condition, from being asked of it.
struct OTTLRejects: Sendable {
  /// By context, and then by index; empty as long as there is none.
  private var marks: [OTTLContext: [Bool]] = [:]
  /// Of the first of them what was wrong.
  private(set) var failure: OTTLFailure?

  var isEmpty: Bool { failure == nil }

  func contains(_ index: Int, of context: OTTLContext) -> Bool { marks[context]?[index] ?? false }

  /// Adds one of so many records, scopes or resources.
  mutating func add(_ index: Int, of count: Int, in context: OTTLContext, _ failure: OTTLFailure) {
    marks[context, default: Array(repeating: false, count: count)][index] = true
    if self.failure == nil { self.failure = failure }
  }

  /// For each record whether it may go on.
  func kept(of batch: borrowing LogBatch) -> [Bool] {
    var kept = [Bool](repeating: true, count: batch.records.count)
    for index in kept.indices {
      let scope = Int(batch.records[index].scope)
      kept[index] =
        !contains(index, of: .log) && !contains(scope, of: .scope)
        && !contains(Int(batch.scopes[scope].resource), of: .resource)
    }
    return kept
  }
}
