// decision: docs/decisions/0210-two-matchers.md

/// Answers the question "does this record match?": it does if every condition holds.
///
/// Asked for a whole batch at once: each condition goes over all records, and what depends only on the scope or
/// resource is asked once for each of them.
package struct RecordMatcher: Sendable {
  /// One condition.
  package enum Condition: Sendable {
    /// The text of the body matches.
    case body(TextMatcher)
    case severityText(TextMatcher)
    /// The severity number is at least `minimum`; a record without one matches if `matchUndefined`.
    case severityNumber(minimum: Int32, matchUndefined: Bool)
    case attribute(AttributeMatcher)
    case resourceAttribute(AttributeMatcher)
    /// The record's scope matches one of these.
    case scope([ScopeMatcher])
    /// The condition does not hold.
    indirect case not(Condition)
    /// One of these holds.
    case any([Condition])
    /// All of these hold.
    case all([Condition])
  }

  private let conditions: [Condition]

  package init(_ conditions: [Condition]) { self.conditions = conditions }

  /// For each record of the batch whether it matches.
  package func matches(in batch: borrowing LogBatch) -> [Bool] {
    var matches = [Bool](repeating: true, count: batch.records.count)
    var scratch = ByteWriter(capacityBytes: 256)
    for condition in conditions {
      if condition.isOfScope {
        let scopes = batch.scopes.indices.map { index in
          var record = LogRecord()
          record.scope = UInt32(truncatingIfNeeded: index)
          return condition.holds(for: record, in: batch, with: &scratch)
        }
        for index in matches.indices where !scopes[Int(batch.records[index].scope)] { matches[index] = false }
      } else {
        for index in matches.indices where matches[index] {
          matches[index] = condition.holds(for: batch.records[index], in: batch, with: &scratch)
        }
      }
    }
    return matches
  }
}

extension RecordMatcher.Condition {
  fileprivate func holds(
    for record: LogRecord, in batch: borrowing LogBatch, with scratch: inout ByteWriter
  ) -> Bool {
    switch self {
    case .body(let text): return text.matches(record.body, in: batch, with: &scratch)
    case .severityText(let text): return text.matches(record.severityText, in: batch)
    case .severityNumber(let minimum, let matchUndefined):
      return record.severityNumber == 0 ? matchUndefined : record.severityNumber >= minimum
    case .attribute(let attribute): return attribute.matches(record.attributes, in: batch, with: &scratch)
    case .resourceAttribute(let attribute):
      let resource = batch.resources[Int(batch.scopes[Int(record.scope)].resource)]
      return attribute.matches(resource.attributes, in: batch, with: &scratch)
    case .scope(let wanted):
      let scope = batch.scopes[Int(record.scope)]
      return wanted.contains { $0.matches(scope, in: batch) }
    case .not(let condition): return !condition.holds(for: record, in: batch, with: &scratch)
    case .any(let conditions):
      for condition in conditions where condition.holds(for: record, in: batch, with: &scratch) { return true }
      return false
    case .all(let conditions):
      for condition in conditions where !condition.holds(for: record, in: batch, with: &scratch) { return false }
      return true
    }
  }

  /// Whether it is the same for all records of a scope.
  fileprivate var isOfScope: Bool {
    switch self {
    case .resourceAttribute, .scope: true
    case .body, .severityText, .severityNumber, .attribute: false
    case .not(let condition): condition.isOfScope
    case .any(let conditions), .all(let conditions): conditions.allSatisfy { $0.isOfScope }
    }
  }
}

/// Records that match what is included, if anything is, and nothing that is excluded.
package struct RecordSelection: Sendable {
  package var include: RecordMatcher?
  package var exclude: RecordMatcher?

  package init(include: RecordMatcher? = nil, exclude: RecordMatcher? = nil) {
    self.include = include
    self.exclude = exclude
  }

  /// For each record of the batch whether it is selected; nil if all are.
  package func selected(in batch: borrowing LogBatch) -> [Bool]? {
    guard include != nil || exclude != nil else { return nil }
    var selected = include?.matches(in: batch) ?? [Bool](repeating: true, count: batch.records.count)
    guard let excluded = exclude?.matches(in: batch) else { return selected }
    for index in selected.indices where excluded[index] { selected[index] = false }
    return selected
  }
}
