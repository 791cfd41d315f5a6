/// `processors.filter`: keeps the records that are selected and drops the others; resources and scopes stay.
package struct FilterProcessor: Processor {
  package let id: String
  private let selection: RecordSelection

  package init(id: String, selection: RecordSelection) {
    self.id = id
    self.selection = selection
  }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) {
    guard let selected = selection.selected(in: batch) else { return }
    batch.keepRecords(selected)
  }
}

extension LogBatch {
  /// Removes the records that are not to be kept and returns how many there were.
  @discardableResult
  mutating func keepRecords(_ keep: [Bool]) -> Int {
    var kept = 0
    for index in records.indices where keep[index] {
      if kept < index { records[kept] = records[index] }
      kept += 1
    }
    let removed = records.count - kept
    records.removeLast(removed)
    return removed
  }
}
