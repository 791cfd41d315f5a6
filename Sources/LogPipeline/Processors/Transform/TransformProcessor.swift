/// `processors.transform`: runs statements over batches, group after group.
package struct TransformProcessor: Processor, StatementUser {
  package let id: String
  package let statements: [StatementTally]
  private let program: OTTLProgram
  /// Whether every record has a resource and a scope of its own while statements run.
  private let flattens: Bool

  init(id: String, _ compiled: CompiledStatements, flattens: Bool = false) {
    self.id = id
    self.flattens = flattens
    statements = compiled.tallies
    program = compiled.program
  }

  package var needsContext: Bool { program.needsRequest }
  package var contextFields: [[UInt8]] { Array(program.requestNames) }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(ProcessorRefusal) {
    do throws(OTTLFailure) {
      guard flattens else { return try program.run(over: &batch, of: request) }
      guard batch.separateRecords(maxBytes: program.limits.maxGrowthBytes) else {
        return try program.fail(.noRoom, records: batch.records.count)
      }
      defer { batch.joinRecords() }
      try program.run(over: &batch, of: request)
    } catch {
      throw error.refusal(by: id)
    }
  }
}
