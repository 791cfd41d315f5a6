/// `processors.transform`: runs statements over batches, group after group.
package struct TransformProcessor: Processor, StatementUser {
  package let id: String
  package let statements: [StatementTally]
  private let program: OTTLProgram

  init(id: String, _ compiled: CompiledStatements) {
    self.id = id
    statements = compiled.tallies
    program = compiled.program
  }

  package var needsContext: Bool { program.needsRequest }
  package var contextFields: [[UInt8]] { Array(program.requestNames) }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(ProcessorRefusal) {
    do throws(OTTLFailure) {
      try program.run(over: &batch, of: request)
    } catch {
      throw error.refusal(by: id)
    }
  }
}
