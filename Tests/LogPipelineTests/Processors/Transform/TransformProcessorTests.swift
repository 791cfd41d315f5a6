import LogPipeline
import Testing

@Suite struct TransformProcessorTests {
  private func batch() throws -> LogBatch {
    try .decoded(record(("n", .number(4)), body: "0"), record(("n", .text("a")), body: "1"))
  }

  @Test func aFaultKeepsTheStatementFromItsRecordOnly() throws {
    let options = #"log_statements: ['set(log.attributes["n"], log.attributes["n"] / 2)', 'set(log.body, "x")']"#
    let processor = try #require(try madeProcessor("transform", options))
    var batch = try batch()
    processor.process(&batch)
    #expect(batch.recordAttributes == [[.init("n", 2)], [.init("n", "a")]])
    #expect(batch.bodies == ["x", "x"])
    let statements = try #require(processor as? any StatementUser).statements
    #expect(statements.map(\.place) == (0...1).map { "processors.transform.log_statements[\($0)]" })
    #expect(statements.map(\.met) == [1, 2])
    #expect(statements.map(\.faults) == [1, 0])
    #expect(statements.map(\.isTold) == [true, true])
  }

  @Test func aFaultRefusesTheRequestIfItIsToldTo() throws {
    let options = """
      error_mode: propagate
      log_statements:
        - {context: log, error_mode: silent, statements: ['set(attributes["n"], body / 2)']}
        - {context: log, statements: ['set(attributes["n"], body / 2)']}
      """
    let processor = try #require(try madeProcessor("transform", options))
    var refusal: ProcessorRefusal?
    var batch = try batch()
    var request = RequestContext()
    do throws(ProcessorRefusal) { try processor.process(&batch, of: &request) } catch { refusal = error }
    #expect(refusal?.processor == "transform")
    let place = "processors.transform.log_statements[1].statements[0]"
    #expect(refusal?.reason == "\(place) failed for a record: a value is of a type that is not taken here")
    #expect(refusal?.isFinal == true)
    #expect(try #require(processor as? any StatementUser).statements.map(\.isTold) == [false, true])
  }

  @Test func askingForTheSenderNeedsWhatIsKnownOfIt() throws {
    let options = #"log_statements: ['set(log.attributes["t"], otelcol.client.metadata["X-Tenant"][0])']"#
    let processor = try #require(try madeProcessor("transform", options))
    #expect(processor.needsContext)
    #expect(processor.contextFields == [Array("x-tenant".utf8)])
    #expect(try #require(try madeProcessor("transform", "log_statements: ['set(log.body, 1)']")).needsContext == false)
  }
}
