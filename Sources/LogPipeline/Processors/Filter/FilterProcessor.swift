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
