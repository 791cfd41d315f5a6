import Foundation
import Testing

@testable import LogPipeline

/// Statements put together at random, run over batches put together at random: nothing traps, and what comes of it is a
/// batch. `SLUICE_OTTL_RUNS` says how many, `SLUICE_OTTL_SEED` begins elsewhere.
@Suite struct OTTLRandomTests {
  @Test func whateverRunsLeavesABatch() throws {
    let environment = ProcessInfo.processInfo.environment
    let runs = environment["SLUICE_OTTL_RUNS"].flatMap { Int($0) } ?? 1500
    let seed = environment["SLUICE_OTTL_SEED"].flatMap { UInt64($0) } ?? 1
    for number in 0..<UInt64(runs) {
      var dice = OTTLDice(seed: seed &+ number)
      var batch = try dice.batch()
      let statements = (0..<Int.random(in: 1...8, using: &dice.random)).map { _ in dice.statement() }
      let groups = try statements.map { statement in
        try OTTLTesting.group([statement], conditions: [], sharesCache: Bool.random(using: &dice.random))
      }
      let program: OTTLProgram
      do {
        program = try OTTLProgram(groups)
      } catch {
        continue
      }
      try program.run(over: &batch, of: RequestContext(clientAddress: "::1", monotonicNano: 0))
      if let problem = BatchCheck.problem(of: batch, maxDepth: 64) {
        Issue.record("seed \(seed &+ number): \(problem) after \(statements)")
        return
      }
    }
  }

  /// The dice give statements that are taken, or this test shows little.
  @Test func mostStatementsCompile() throws {
    var dice = OTTLDice(seed: 7)
    let count = (0..<300).count { _ in (try? OTTLTesting.problem(dice.statement())) == .some(.none) }
    #expect(count > 200)
  }
}

/// Makes statements and batches.
private struct OTTLDice {
  var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  private mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }

  mutating func statement() -> String {
    let editor: String
    switch Int.random(in: 0..<6, using: &random) {
    case 0: editor = "delete_key(\(target()), \(pick([#""a""#, #""b""#, value(2)])))"
    case 1:
      editor =
        "merge_maps(\(target()), \(pick([map(2), target(), value(2)])), "
        + "\(pick([#""insert""#, #""update""#, #""upsert""#])))"
    default: editor = "set(\(pick([target(), target(), scalarTarget()])), \(value(3)))"
    }
    return Bool.random(using: &random) ? editor : "\(editor) where \(condition(3))"
  }

  private mutating func key() -> String {
    pick([
      #"["a"]"#, #"["b"]"#, #"["c"]"#, #"["ä"]"#, "[0]", "[1]", "[2]", #"[attributes["k"]]"#, #"[attributes["n"]]"#,
    ])
  }

  private mutating func target() -> String {
    let root = pick(["attributes", "attributes", "body", "cache", "resource.attributes", "scope.attributes"])
    return root + (0..<Int.random(in: 0...3, using: &random)).map { _ in key() }.joined()
  }

  private mutating func scalarTarget() -> String {
    pick([
      "time", "observed_time_unix_nano", "severity_number", "severity_text", "flags", "trace_id.string", "span_id",
      "body.string", "event_name", "scope.name", "resource.schema_url", "dropped_attributes_count",
    ])
  }

  private mutating func map(_ depth: Int) -> String {
    let members = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      "\(pick([#""a""#, #""b""#, #""x""#])): \(value(depth - 1))"
    }
    return "{\(members.joined(separator: ", "))}"
  }

  private mutating func value(_ depth: Int) -> String {
    if depth <= 0 {
      return pick(["nil", "1", "-9223372036854775807", "1.5", #""text""#, #""""#, "true", "0x00ff", "Now()"])
    }
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return map(depth)
    case 1:
      return "[" + (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth - 1) }.joined(separator: ", ")
        + "]"
    case 2: return "ParseJSON(\(pick(["body", "body.string", #""{\"a\":{\"b\":[1,\"x\\n\"]}}""#, value(depth - 1)])))"
    case 3: return "Split(\(pick(["body", "body.string", "severity_text"])), \(pick([#"",""#, #""""#, #""a""#])))"
    case 4: return "\(scalarTarget()) \(pick(["+", "-", "*", "/"])) \(pick(["1", "0.0", #"attributes["n"]"#, "time"]))"
    case 5: return "-\(target())"
    case 6...8: return target()
    case 9: return scalarTarget()
    case 10: return pick(["IsMap(\(target()))", "IsString(\(target()))", "IsMatch(\(target()), \"a|b\")"])
    default: return value(0)
    }
  }

  private mutating func condition(_ depth: Int) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 3), using: &random) {
    case 0: return "IsMatch(\(target()), \(pick([#""a.*b""#, "body"])))"
    case 1: return "\(target()) \(pick(["==", "!="])) nil"
    case 2, 3:
      return "\(target()) \(pick(["==", "!=", "<", "<=", ">", ">="])) \(value(1))"
    case 4: return "not (\(condition(depth - 1)))"
    case 5: return "(\(condition(depth - 1)) and \(condition(depth - 1)))"
    default: return "(\(condition(depth - 1)) or \(condition(depth - 1)))"
    }
  }

  mutating func batch() throws -> LogBatch {
    let records = (0..<Int.random(in: 1...4, using: &random)).map { _ in
      #""severityNumber":\#(Int.random(in: 0...24, using: &random)),"body":\#(json(3)),"attributes":[\#(pairs(3))]"#
    }
    return try OTTLTesting.batch(
      of: records, scope: #""attributes":[\#(pairs(1))]"#, resource: #""attributes":[\#(pairs(2))]"#)
  }

  private mutating func pairs(_ depth: Int) -> String {
    (0..<Int.random(in: 0...4, using: &random)).map { _ in
      #"{"key":"\#(pick(["a", "b", "c", "k", "n", "ä"]))","value":\#(json(depth - 1))}"#
    }.joined(separator: ",")
  }

  private mutating func json(_ depth: Int) -> String {
    let scalar = pick([
      #"{"stringValue":"a"}"#, #"{"stringValue":"{\"a\":[1,{\"b\":\"\\u00e4\"}],\"c\":null}"}"#, #"{"intValue":1}"#,
      #"{"stringValue":"x,ä,b"}"#, #"{"doubleValue":2.5}"#, "{}", #"{"bytesValue":"/wA="}"#, #"{"boolValue":true}"#,
      #"{"intValue":"-9223372036854775808"}"#,
    ])
    guard depth > 0 else { return scalar }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return #"{"kvlistValue":{"values":[\#(pairs(depth))]}}"#
    case 1:
      let items = (0..<Int.random(in: 0...3, using: &random)).map { _ in json(depth - 1) }.joined(separator: ",")
      return #"{"arrayValue":{"values":[\#(items)]}}"#
    default: return scalar
    }
  }
}
