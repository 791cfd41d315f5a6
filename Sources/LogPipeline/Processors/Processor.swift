/// A step of a pipeline that edits a batch in place: changes, adds or removes attributes, changes or removes records.
///
/// It adds no record, since a record's `index` names it, and what it removes counts as filtered. Called once a batch; what it does per record is synchronous and allocates nothing.
package protocol Processor: Sendable {
  /// The type and name it has in the configuration, such as `attributes/ids`.
  var id: String { get }
  /// Records it has removed from batches since the start.
  var droppedRecords: Int { get }
  func process(_ batch: inout LogBatch)
}

extension Processor {
  package var droppedRecords: Int { 0 }
}
