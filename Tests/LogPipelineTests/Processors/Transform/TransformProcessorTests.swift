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

  private static let long = String(repeating: "s3cret", count: 100)

  /// The second record wants room that the first has taken: it must not go on with what was to be masked.
  private func masked(_ mode: String, room: Int) throws -> ([Readable], Result<Rejections, ProcessorRefusal>, [Int]) {
    let list = (0..<43).map { "\($0)" }.joined(separator: ", ")
    let options = """
      error_mode: \(mode)
      limits: {max_growth: \(room)}
      log_statements:
        - set(log.attributes["filler"], [\(list)]) where log.attributes["filler"] != nil
        - replace_pattern(log.body, "s3cret", "s3cre_")
      """
    let processor = try #require(try madeProcessor("transform", options))
    var batch: LogBatch = try .decoded(record(("filler", .text("x")), body: "1"), record(body: Self.long))
    var request = RequestContext()
    do throws(ProcessorRefusal) {
      try processor.process(&batch, of: &request)
      return (
        batch.bodies, .success(request.rejections), (processor as? any StatementUser)?.statements.map(\.faults) ?? []
      )
    } catch {
      return (batch.bodies, .failure(error), (processor as? any StatementUser)?.statements.map(\.faults) ?? [])
    }
  }

  /// 43 members, and 600 bytes that the statement has to have beside them.
  private static let room = 43 * MemoryLayout<Attribute>.stride + 600

  @Test(arguments: ["ignore", "silent"])
  func whatFindsNoRoomToMaskIsRejected(_ mode: String) throws {
    let (fits, taken, none) = try masked(mode, room: Self.room + 1600)
    #expect(try taken.get().records == 0 && none == [0, 0])
    #expect(fits == ["1", .string(Self.long.replacing("s3cret", with: "s3cre_"))])
    let (bodies, rejected, faults) = try masked(mode, room: 1100)
    #expect(bodies == ["1"])
    #expect(faults == [0, 1])
    let rejections = try rejected.get()
    #expect(rejections.records == 1)
    let reason = try #require(rejections.reasons.first)
    #expect(
      reason.hasPrefix(
        "transform: processors.transform.log_statements[1] failed for a record: the request would take too much memory: "
      ))
    #expect(reason.hasSuffix("1100 are allowed (limits.max_growth)"))
    #expect(!reason.contains("s3cret"))
  }

  @Test func whatFindsNoRoomToMaskIsRefusedIfItIsToldTo() throws {
    let (_, result, faults) = try masked("propagate", room: 1100)
    guard case .failure(let refusal) = result else {
      Issue.record("it is taken")
      return
    }
    #expect(refusal.isFinal && refusal.reason.hasSuffix("1100 are allowed (limits.max_growth)"))
    #expect(faults == [0, 1])
  }

  /// A pattern that reads a text again and again masks nothing of it in the end, so that it does not go on either.
  @Test func whatTakesTooLongToMaskIsRejected() throws {
    let options = #"log_statements: ['replace_pattern(log.body, "a.*b|a", "x")']"#
    let processor = try #require(try madeProcessor("transform", options))
    var batch: LogBatch = try .decoded(record(body: String(repeating: "a", count: 1 << 14)), record(body: "aab"))
    var request = RequestContext()
    try processor.process(&batch, of: &request)
    #expect(batch.bodies == ["x"])
    #expect(request.rejections.records == 1)
    let reason = try #require(request.rejections.reasons.first)
    #expect(reason.contains("it would take too long: ") && reason.hasSuffix("1064960 are allowed"), "\(reason)")
  }
}
