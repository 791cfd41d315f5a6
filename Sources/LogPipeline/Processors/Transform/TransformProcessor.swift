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
      var lending = flattens ? batch.separateRecords() : OTTLLending()
      let rejects = try program.run(over: &batch, of: request, lending: &lending)
      if let failure = rejects.failure {
        batch.rejectRecords(exceptWhere: rejects.kept(of: batch), because: failure.rejection(by: id), of: &request)
      }
      if flattens { batch.joinRecords(lending) }
    } catch {
      throw error.refusal(by: id)
    }
  }
}
