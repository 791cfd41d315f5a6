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
}
