import Oracle
import Testing

@testable import LogPipeline

/// Batches and statements as tests write them.
enum OTTLTesting {
  /// A batch of one record, of the members that are given in OTLP JSON.
  static func batch(_ record: String = "", scope: String = "", resource: String = "") throws -> LogBatch {
    try batch(of: [record], scope: scope, resource: resource)
  }

  /// A batch of records of one scope and one resource.
  static func batch(of records: [String], scope: String = "", resource: String = "") throws -> LogBatch {
    let listed = records.map { "{\($0)}" }.joined(separator: ",")
    let text =
      #"{"resourceLogs":[{"resource":{\#(resource)},"scopeLogs":[{"scope":{\#(scope)},"logRecords":[\#(listed)]}]}]}"#
    return try decoded(text)
  }

  /// Two resources, three scopes, four records.
  static func batchOfFour() throws -> LogBatch {
    try decoded(
      #"""
      {"resourceLogs":[
        {"resource":{"attributes":[{"key":"r","value":{"intValue":1}}]},"scopeLogs":[
          {"scope":{"name":"a"},"logRecords":[{"severityNumber":1},{"severityNumber":2}]},
          {"scope":{"name":"b"},"logRecords":[{"severityNumber":3}]}]},
        {"resource":{"attributes":[{"key":"r","value":{"intValue":2}}]},"scopeLogs":[
          {"scope":{"name":"c"},"logRecords":[{"severityNumber":4}]}]}]}
      """#)
  }

  /// A batch of a whole request in OTLP JSON.
  static func decoded(_ json: String) throws -> LogBatch {
    var batch = LogBatch()
    batch.receivedUnixNano = 1_700_000_000_000_000_000
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    return batch
  }

  /// A batch as the file exporter writes it.
  static func encoded(_ batch: borrowing LogBatch) throws -> [UInt8] {
    var frames = FrameWriter()
    try FileDialect().encode(batch, into: &frames)
    return frames.bytes.withUnsafeBytes { Array($0) }
  }

  /// A program of one group.
  static func program(
    _ statements: [String], context: OTTLContext? = .log, conditions: [String] = [], mode: OTTLErrorMode = .ignore
  ) throws -> OTTLProgram {
    try OTTLProgram([group(statements, context: context, conditions: conditions, mode: mode)])
  }

  static func group(
    _ statements: [String], context: OTTLContext? = .log, conditions: [String] = [], mode: OTTLErrorMode = .ignore,
    sharesCache: Bool = false
  ) throws -> OTTLGroupSource {
    OTTLGroupSource(
      context: context, conditions: try conditions.map { try OTTLParser.condition($0) },
      statements: try statements.map { try OTTLParser.statement($0) }, errorMode: mode, sharesCache: sharesCache)
  }

  /// Runs statements over a batch and returns the faults of each.
  @discardableResult
  static func run(
    _ statements: String..., on batch: inout LogBatch, context: OTTLContext? = .log
  ) throws -> [OTTLFault?] {
    let program = try program(statements, context: context)
    try program.run(over: &batch, of: RequestContext())
    expectInvariants(of: batch)
    return program.groups[0].statements.map(\.tally.faults.lastFault)
  }

  /// What a statement makes of the attributes of a record that has these, in OTLP JSON.
  static func attributes(
    _ json: String, _ statements: String..., faults: [OTTLFault] = []
  ) throws -> [Readable.Pair] {
    var batch = try batch(#""attributes":[\#(json)]"#)
    let program = try program(statements)
    try program.run(over: &batch, of: RequestContext())
    expectInvariants(of: batch)
    #expect(program.groups[0].statements.compactMap(\.tally.faults.lastFault) == faults)
    return batch.recordAttributes[0]
  }

  /// What an expression comes to for the first record of a batch.
  static func value(
    _ expression: String, on batch: borrowing LogBatch, request: RequestContext = RequestContext()
  ) throws -> OTTLConstant? {
    var compiler = OTTLCompiler(functions: .converters)
    let node = try compiler.value(try OTTLParser.value(expression))
    compiler.code.sharePaths()
    var run = OTTLRun(compiler.code, request: request)
    run.batch = batch.copied()
    run.stand(at: 0, of: .log)
    return run.constant(try run.evaluate(node))
  }

  /// The fault of an expression; nil if it comes to something.
  static func fault(_ expression: String, on batch: borrowing LogBatch) throws -> OTTLFault? {
    do {
      _ = try value(expression, on: batch)
      return nil
    } catch let fault as OTTLFault {
      return fault
    } catch let error as OTTLLoadError {
      guard let fault = fault(of: error) else { throw error }
      return fault
    }
  }

  /// The fault that an expression of constants comes to when it is compiled; nil if something else is wrong with it.
  static func fault(of error: OTTLLoadError) -> OTTLFault? {
    OTTLFault.allCases.first { error.message.hasSuffix($0.message.text) }
  }

  /// Whether a condition holds for each record.
  static func matches(
    _ condition: String, in batch: borrowing LogBatch, context: OTTLContext? = .log
  ) throws -> [Bool] {
    let conditions = try OTTLConditions([try OTTLParser.condition(condition)], context: context)
    return try conditions.matches(in: batch, of: RequestContext())
  }

  /// What is wrong with a statement, found when it is compiled.
  static func problem(_ statement: String, context: OTTLContext? = .log) throws -> String? {
    do {
      _ = try program([statement], context: context)
      return nil
    } catch let problems as OTTLSourceProblems {
      return problems.all.first?.error.described(in: statement)
    }
  }

  /// Fails where the invariants of a batch do not hold (docs/ARCHITECTURE.md).
  static func expectInvariants(
    of batch: borrowing LogBatch, maxDepth: Int = 64, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    if let problem = BatchCheck.problem(of: batch, maxDepth: maxDepth) {
      Issue.record("\(problem)", sourceLocation: sourceLocation)
    }
  }
}
