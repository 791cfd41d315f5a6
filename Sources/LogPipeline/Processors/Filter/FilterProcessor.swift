/// `processors.filter`: drops the records that are not selected, and those of which a condition is true; resources and
/// scopes stay.
package struct FilterProcessor: Processor, StatementUser {
  package let id: String
  package let statements: [StatementTally]
  private let selection: RecordSelection
  private let conditions: [OTTLConditions]

  package init(id: String, selection: RecordSelection) {
    self.init(id: id, selection: selection, conditions: [])
  }

  init(id: String, selection: RecordSelection, conditions: [CompiledConditions]) {
    self.id = id
    self.selection = selection
    self.conditions = conditions.map(\.conditions)
    statements = conditions.flatMap(\.tallies)
  }

  package var needsContext: Bool { conditions.contains { $0.needsRequest } }
  package var contextFields: [[UInt8]] { conditions.flatMap(\.requestNames) }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(ProcessorRefusal) {
    if let selected = selection.selected(in: batch) { batch.keepRecords(selected) }
    for conditions in conditions where !batch.records.isEmpty {
      do throws(OTTLFailure) {
        var answers = try conditions.answers(in: batch, of: request)
        for index in answers.matches.indices { answers.matches[index].toggle() }
        var keep = answers.matches
        if let failure = answers.failure {
          // Whether it is to be dropped is not known: it must not go on, and its sender is to hear of it.
          var isKnown = [Bool](repeating: true, count: keep.count)
          for index in answers.limited { isKnown[index] = false }
          batch.rejectRecords(exceptWhere: isKnown, because: failure.rejection(by: id), of: &request)
          keep = keep.indices.filter { isKnown[$0] }.map { keep[$0] }
        }
        batch.keepRecords(keep)
      } catch {
        throw error.refusal(by: id)
      }
    }
  }
}
