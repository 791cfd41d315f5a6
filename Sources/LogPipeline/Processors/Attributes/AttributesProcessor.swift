/// Whose attributes are edited.
package enum AttributeOwners: Sendable {
  case records, resources

  @inline(__always)
  func count(in batch: borrowing LogBatch) -> Int {
    switch self {
    case .records: batch.records.count
    case .resources: batch.resources.count
    }
  }

  @inline(__always)
  func range(_ index: Int, in batch: borrowing LogBatch) -> EntryRange {
    switch self {
    case .records: batch.records[index].attributes
    case .resources: batch.resources[index].attributes
    }
  }

  @inline(__always)
  func setRange(_ range: EntryRange, _ index: Int, in batch: inout LogBatch) {
    switch self {
    case .records: batch.records[index].attributes = range
    case .resources: batch.resources[index].attributes = range
    }
  }
}

/// `processors.attributes` and `processors.resource`: actions on the attributes of records or of resources, in order.
///
/// `hash` gives SHA-256 in hexadecimal digits, as the Collector does, or SHA-1, as it used to.
package struct AttributesProcessor: Processor {
  package let id: String
  private let owners: AttributeOwners
  private let program: AttributeProgram
  private let selection: RecordSelection

  /// A processor of the records that `selection` selects; resources are all processed.
  package init(
    id: String, owners: AttributeOwners, actions: [AttributeAction], hashFunction: HashFunction = .sha256,
    selection: RecordSelection = RecordSelection()
  ) {
    self.id = id
    self.owners = owners
    program = AttributeProgram(actions, hashFunction: hashFunction)
    self.selection = selection
  }

  package var needsContext: Bool { program.needsContext }
  package var contextFields: [[UInt8]] { program.contextFields }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) {
    let chosen = owners == .records ? selection.selected(in: batch) : nil
    program.run(over: owners, chosen: chosen, in: &batch, of: request)
  }

  /// Edits the resources, which all signals have.
  package func process(_ passing: inout SignalRequest, of request: inout RequestContext) {
    guard owners == .resources else { return }
    let context = request
    passing.editResources { program.run(over: .resources, chosen: nil, in: &$0, of: context) }
  }
}
