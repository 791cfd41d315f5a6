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
    for condition in conditions { narrow(&matches, by: condition, in: batch, with: &scratch) }
    return matches
  }

  private func narrow(
    _ matches: inout [Bool], by condition: Condition, in batch: borrowing LogBatch, with scratch: inout ByteWriter
  ) {
    switch condition {
    case .resourceAttribute, .scope:
      let scopes = batch.scopes.indices.map { holds(condition, scope: batch.scopes[$0], in: batch, with: &scratch) }
      for index in matches.indices where !scopes[Int(batch.records[index].scope)] { matches[index] = false }
    case .body, .severityText, .severityNumber, .attribute, .not, .any, .all:
      for index in matches.indices where matches[index] {
        matches[index] = holds(condition, batch.records[index], in: batch, with: &scratch)
      }
    }
  }

  private func holds(
    _ condition: Condition, scope: Scope, in batch: borrowing LogBatch, with scratch: inout ByteWriter
  ) -> Bool {
    switch condition {
    case .resourceAttribute(let attribute):
      let resource = batch.resources[Int(scope.resource)]
      return attribute.matches(resource.attributes, in: batch, with: &scratch)
    case .scope(let wanted): return wanted.contains { $0.matches(scope, in: batch) }
    case .body, .severityText, .severityNumber, .attribute, .not, .any, .all: return true
    }
  }

  private func holds(
    _ condition: Condition, _ record: LogRecord, in batch: borrowing LogBatch, with scratch: inout ByteWriter
  ) -> Bool {
    switch condition {
    case .body(let text): text.matches(record.body, in: batch, with: &scratch)
    case .severityText(let text): text.matches(record.severityText, in: batch)
    case .severityNumber(let minimum, let matchUndefined):
      record.severityNumber == 0 ? matchUndefined : record.severityNumber >= minimum
    case .attribute(let attribute): attribute.matches(record.attributes, in: batch, with: &scratch)
    case .resourceAttribute, .scope:
      holds(condition, scope: batch.scopes[Int(record.scope)], in: batch, with: &scratch)
    case .not(let condition): !holds(condition, record, in: batch, with: &scratch)
    case .any(let conditions): holdsOne(of: conditions, record, in: batch, with: &scratch)
    case .all(let conditions): holdsAll(of: conditions, record, in: batch, with: &scratch)
    }
  }
}

extension RecordMatcher {
  private func holdsOne(
    of conditions: [Condition], _ record: LogRecord, in batch: borrowing LogBatch, with scratch: inout ByteWriter
  ) -> Bool {
    for condition in conditions where holds(condition, record, in: batch, with: &scratch) { return true }
    return false
  }

  private func holdsAll(
    of conditions: [Condition], _ record: LogRecord, in batch: borrowing LogBatch, with scratch: inout ByteWriter
  ) -> Bool {
    for condition in conditions where !holds(condition, record, in: batch, with: &scratch) { return false }
    return true
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
