import Glibc
import LogPipeline
import Oracle

/// `sluice-fuzz [runs] [seed]`: holds the protobuf decoder against libprotobuf-c over mutated requests, and sends what
/// is accepted, and mutated JSON, through every dialect; holds both forms of JSON against each other; then redacts
/// texts and requests twice. Build it with --sanitize=address to see stray reads.
let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
let runs = arguments.first ?? 1_000_000
let seed = arguments.dropFirst().first ?? 1

/// Mutates requests and counts how the two decoders compare.
func compareDecoders() -> Int {
  var counts: [String: Int] = [:]
  var generator = RequestGenerator(seed: seed)
  var mutator = Mutator(seed: seed &+ 1)
  let dialects = EveryDialect()
  var (body, other) = (generator.request(), generator.request())
  for run in 0..<runs {
    if run % 50 == 0 { (other, body) = (body, generator.request()) }
    let mutated = mutator.mutate(body, other: other)
    let outcome = ProtobufOracle.compare(mutated)
    counts[outcome.label, default: 0] += 1
    if case .differ(let how) = outcome, counts[outcome.label, default: 0] <= 10 { print("\(mutated)\n  \(how)") }
    if outcome == .bothAccept { _ = dialects.encode(mutated, as: .protobuf) }
  }
  for (label, count) in counts.sorted(by: { $0.key < $1.key }) { print("protobuf: \(count) \(label)") }
  return counts["differ", default: 0]
}

/// Mutates JSON requests, sends them through decoder and dialects, and counts those that read otherwise with spaces.
func mutateJSON() -> Int {
  let request = """
    {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop\\u00e9\\n"}}]},
    "scopeLogs":[{"scope":{"name":"lib"},"logRecords":[{"timeUnixNano":"1700000000000000000","severityNumber":9,
    "body":{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"7"},{"doubleValue":1.5e3},
    {"boolValue":true},{"bytesValue":"AP8="},{}]}}}]}},"attributes":[{"key":"k.x","value":{"stringValue":"v\\ud83d\\ude00"}}],
    "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","flags":1}]}]}]}
    """
  let body = Array(request.utf8)
  var mutator = Mutator(seed: seed &+ 2)
  let dialects = EveryDialect()
  var (accepted, differing) = (0, 0)
  for _ in 0..<runs {
    let mutated = mutator.mutate(body, other: body)
    if dialects.encode(mutated, as: .json) > 0 { accepted += 1 }
    guard let difference = JSONFormsOracle.difference(mutated) else { continue }
    differing += 1
    if differing <= 10 { print("\(String(decoding: mutated, as: UTF8.self))\n  \(difference)") }
  }
  print("json: \(accepted) of \(runs) mutations accepted and encoded in every dialect, \(differing) differ with spaces")
  return differing
}

/// Redacts generated texts and mutated requests, and counts what breaks a promise.
func redact() -> Int {
  let oracle = RedactionOracle()
  var texts = SensitiveTexts(seed: seed &+ 3)
  var generator = RequestGenerator(seed: seed &+ 4)
  var mutator = Mutator(seed: seed &+ 5)
  var (problems, body) = (0, generator.request())
  func show(_ found: [String], _ input: [UInt8]) {
    problems += found.count
    if problems <= 20 {
      for line in found { print("\(String(decoding: input, as: UTF8.self).debugDescription)\n  \(line)") }
    }
  }
  for run in 0..<runs / 4 {
    let text = texts.next()
    show(oracle.problems(of: text), text)
    if run % 20 == 0 { body = generator.request() }
    if run % 5 == 0 {
      let mutated = mutator.mutate(body, other: text)
      show(oracle.problems(ofRequest: mutated), mutated)
    }
  }
  print("redaction: \(runs / 4) texts and \(runs / 20) requests, \(problems) problems")
  return problems
}

/// Sends mutated requests through tables and processors and looks where their records went.
func route() throws -> Int {
  let oracle = try RoutingOracle()
  var generator = RequestGenerator(seed: seed &+ 5)
  var mutator = Mutator(seed: seed &+ 6)
  var problems = 0
  var (body, other) = (generator.request(), generator.request())
  for run in 0..<runs / 4 {
    if run % 20 == 0 { (other, body) = (body, generator.request()) }
    let request = run % 2 == 0 ? generator.request() : mutator.mutate(body, other: other)
    for problem in oracle.problems(ofRequest: request, at: run * 10_000_000) {
      problems += 1
      if problems <= 10 { print(problem) }
    }
  }
  print("routing: \(runs / 4) requests, \(problems) problems")
  return problems
}

let differing = compareDecoders()
let reformed = mutateJSON()
let broken = redact()
let misrouted = try route()
if differing + reformed + broken + misrouted > 0 { exit(1) }
