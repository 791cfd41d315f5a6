import Testing

@testable import LogPipeline

@Suite struct OTTLLambdaFunctionTests {
  @Test(arguments: [
    (#"All(attributes["l"], (k, v) => v > 0)"#, "true"), (#"All(attributes["l"], (k, v) => v > 1)"#, "false"),
    (#"All([], (k, v) => v > 1)"#, "true"), (#"Any(attributes["l"], (_, v) => v == 2)"#, "true"),
    (#"Any(attributes["m"], (k, _) => k == "z")"#, "false"), (#"Any([], (k, v) => true)"#, "false"),
    (#"Filter(attributes["l"], (k, v) => v != 1)"#, "[3, 2]"),
    (#"Filter(attributes["m"], (k, v) => k == "x")"#, "{x: '1'}"),
    (#"Filter(attributes["l"], (k, v) => k > 0)"#, "[1, 2]"), (#"Find(attributes["l"], (k, v) => v < 3)"#, "1"),
    (#"Find(attributes["l"], (k, v) => v > 9)"#, "nil"), (#"Find(attributes["l"], (k, v) => v < 3, (k, v) => k)"#, "1"),
    (#"MapEach(attributes["l"], (k, v) => v * 2)"#, "[6, 2, 4]"),
    (#"MapEach(attributes["m"], (k, v) => k)"#, "{x: 'x', y: 'y'}"),
    (#"MapEach(attributes["l"], (k, v) => Concat([k, v], ":"))"#, "['0:3', '1:1', '2:2']"),
    (#"MapKeys(attributes["m"], (k, v) => ToUpperCase(k))"#, "{X: '1', Y: {z: 2}}"),
    (#"MapKeys(attributes["l"], (k, v) => String(v))"#, "{3: 3, 1: 1, 2: 2}"),
    (#"MapKeys(attributes["l"], (k, v) => v)"#, "!wrongType"),
    (#"MapKeys(attributes["m"], (k, v) => "k")"#, "{k: {z: 2}}"),
    (#"Reduce(attributes["l"], 10, (acc, k, v) => acc + v)"#, "16"), (#"Reduce([], "s", (acc, k, v) => v)"#, "'s'"),
    (#"Reduce(attributes["m"], "", (acc, k, v) => Concat([acc, k], ""))"#, "'xy'"),
    (#"When(() => attributes["i"] > 1, "big", "small")"#, "'big'"),
    (#"When(() => attributes["i"] > 99, "big", "small")"#, "'small'"),
    (#"All(attributes["s"], (k, v) => true)"#, "!wrongType"), (#"All(attributes["none"], (k, v) => true)"#, "!nothing"),
    (#"MapEach(Filter(attributes["l"], (k, v) => v > 1), (k, v) => [k, v])"#, "[[0, 3], [1, 2]]"),
    (#"MapEach([[1, 2], [3]], (k, v) => Reduce(v, 0, (acc, i, w) => acc + w + k))"#, "[3, 4]"),
  ])
  func lambdas(_ expression: String, _ expected: String) throws {
    #expect(try OTTLOutcome.of(expression) == expected)
  }

  @Test(arguments: [(#"set(body, All(body, (k) => true))"#, "lambda of 2"), (#"set(body, All(body, 1))"#, "lambda")])
  func problemsAreFoundAtLoad(_ statement: String, _ part: String) throws {
    let problem = try #require(try OTTLTesting.problem(statement))
    #expect(problem.contains(part), "\(problem)")
  }

  /// A step for each call, and one for each value that is looked at, with what is in it: at the limit, and one past it.
  @Test(arguments: [
    (#"All(attributes["l"], (k, v) => v > 0)"#, 6), (#"All(attributes["l"], (_, _) => true)"#, 3),
    (#"MapEach(attributes["l"], (k, v) => "x")"#, 3), (#"Any(attributes["m"], (k, v) => k == "none")"#, 2 * 2 + 2),
    (#"Filter(["abc", "de"], (k, v) => v == "x")"#, 2 * 2 + 5),
    (#"MapEach(attributes["m"], (k, v) => v)"#, 2 * 2 + 1 + 1),
    (#"MapEach([[[1, "ab"]]], (k, v) => v)"#, 2 + 1 + 2 + 2),
    (#"Reduce(attributes["l"], 0, (sum, k, v) => sum + v)"#, 3 * (1 + 1 + 1 + 1)), (#"When(() => true, 1, 2)"#, 1),
    (#"MapEach([1, 2], (k, v) => MapEach([1, 2], (j, w) => w))"#, 2 * (1 + 2 * 2 + 1 + 2)),
    (#"MapEach(["a"], (k, v) => IsMatch("a", v))"#, 1 + 1 + 1 + 2000 + 1),
  ])
  func lambdasCountTheirSteps(_ expression: String, _ steps: Int) throws {
    let batch = try OTTLTesting.batch(#""attributes":[\#(OTTLOutcome.attributes)]"#)
    for missing in [0, 1] {
      var program = try OTTLTesting.program([#"set(cache["x"], \#(expression))"#])
      program.limits.maxSteps = steps - missing
      var copy = batch.copied()
      let rejects = try program.run(over: &copy, of: RequestContext())
      #expect(program.groups[0].statements[0].tally.faults.lastFault == (missing == 0 ? nil : .tooCostly))
      let excess = OTTLExcess(wanted: steps, allowed: steps - 1, unit: .steps, option: "limits.max_steps")
      #expect(rejects.failure?.excess == (missing == 0 ? nil : excess))
      #expect(rejects.kept(of: batch) == [missing == 0])
    }
  }

  /// They are counted for all of a request, and what nests them does not take the product of its sizes.
  @Test func nestedLambdasEndWhereTheLimitIs() throws {
    let list = "[\((0..<300).map { "\($0)" }.joined(separator: ","))]"
    var batch = try OTTLTesting.batch(of: Array(repeating: #""body":{"stringValue":"\#(list)"}"#, count: 3))
    let inner = #"Any(ParseJSON(body), (j, w) => Any(ParseJSON(body), (l, x) => x == "none"))"#
    var program = try OTTLTesting.program([#"set(attributes["x"], Any(ParseJSON(body), (k, v) => \#(inner)))"#])
    program.limits.maxSteps = 1_000_000
    let rejects = try program.run(over: &batch, of: RequestContext())
    #expect(rejects.kept(of: batch) == [false, false, false])
    let reason = try #require(rejects.failure?.reason)
    #expect(
      reason.hasPrefix("it would take too long: 100") && reason.hasSuffix("1000000 are allowed (limits.max_steps)"))
  }
}
