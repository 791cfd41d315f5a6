import Foundation
import LogPipeline
import Oracle
import Testing

/// A short run of what `make fuzz` does at length. `SLUICE_OTTL_RUNS` says how long, `SLUICE_OTTL_SEED` begins
/// elsewhere.
@Suite struct OTTLOracleTests {
  private static let runs = number("SLUICE_OTTL_RUNS") ?? 1500
  private static let seed = UInt64(number("SLUICE_OTTL_SEED") ?? 1)

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  @Test func whateverStatementsDoLeavesABatch() {
    var oracle = OTTLOracle()
    var statements = StatementGenerator(seed: Self.seed)
    var documents = DocumentGenerator(seed: Self.seed &+ 1)
    var generator = RequestGenerator(seed: Self.seed &+ 2)
    var mutator = Mutator(seed: Self.seed &+ 3)
    for run in 0..<Self.runs {
      let encoding: BodyEncoding = run % 4 == 0 ? .protobuf : .json
      let whole = encoding == .json ? documents.request() : generator.request()
      let request = run % 2 == 0 ? mutator.mutate(whole) : whole
      let several = (0...run % 3).map { _ in statements.statement() }
      let found = oracle.problems(of: several, over: request, as: encoding)
      #expect(found == [], "run \(run): \(several)")
      let condition = statements.condition()
      let asked = oracle.problems(of: condition, over: request, as: encoding)
      #expect(asked == [], "run \(run): \(condition)")
    }
    // Or this test shows little.
    #expect(oracle.counts.compiled > Self.runs / 2, "\(oracle.counts)")
    #expect(oracle.counts.met > Self.runs / 5 && oracle.counts.faults > Self.runs / 5, "\(oracle.counts)")
  }

  @Test func textsAreTakenOrRefusedWithTheirPlace() {
    var oracle = OTTLOracle()
    var generator = StatementGenerator(seed: Self.seed &+ 4)
    var mutator = Mutator(seed: Self.seed &+ 5)
    for run in 0..<Self.runs {
      let text = Array((run % 2 == 0 ? generator.statement() : generator.condition()).utf8)
      let read = String(decoding: run % 5 == 0 ? text : mutator.mutate(text, other: text), as: UTF8.self)
      let found = oracle.problems(ofText: read)
      #expect(found == [], "\(read.debugDescription)")
    }
    #expect(oracle.counts.compiled > Self.runs / 10 && oracle.counts.refused > Self.runs / 2, "\(oracle.counts)")
  }

  /// Every function is called in some statement, so that none is left out of all this.
  @Test func everyFunctionIsCalled() {
    var generator = StatementGenerator(seed: 3)
    let texts = (0..<20_000).map { _ in generator.statement() }.joined(separator: "\n")
    for signature in OTTLExplainer.signatures {
      #expect(texts.contains(signature.prefix { $0 != "(" } + "("), "\(signature)")
    }
  }

  /// The checks find what they look for.
  @Test func aBrokenBatchIsSeen() throws {
    var batch = LogBatch()
    let json =
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"a","value":{"intValue":1}}]}]}]}]}"#
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    #expect(BatchCheck.problem(of: batch, maxDepth: 64) == nil)
    var twice = batch.copied()
    twice.records.append(twice.records[0])
    #expect(BatchCheck.problem(of: twice, maxDepth: 64)?.contains("two owners") == true)
    var outside = batch.copied()
    outside.records[0].body = .string(ByteSlice(offset: 0, count: .max))
    #expect(BatchCheck.problem(of: outside, maxDepth: 64)?.contains("outside") == true)
    var repeated = batch.copied()
    repeated.attributes.append(repeated.attributes[0])
    repeated.records[0].attributes = EntryRange(0..<2)
    #expect(BatchCheck.problem(of: repeated, maxDepth: 64)?.contains("twice") == true)
  }
}
