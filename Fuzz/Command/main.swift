import Glibc
import LogPipeline
import Options
import Oracle

/// `sluice-fuzz [runs] [seed] [part ...]`: holds the protobuf decoder against libprotobuf-c over mutated requests, and
/// sends what is accepted, and mutated JSON, through every dialect; holds both forms of JSON against each other; redacts
/// texts and requests twice; routes requests; reads mutated statements, and runs statements over mutated requests; checks
/// requests of traces and metrics, and takes them through JSON.
/// Without the names of parts it does all of this. Build it with --sanitize=address to see stray reads.
let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
let runs = arguments.first ?? 1_000_000
let seed = arguments.dropFirst().first ?? 1
let named = CommandLine.arguments.dropFirst().filter { UInt64($0) == nil }

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

/// Mutates requests of traces and metrics, and takes valid ones through JSON; counts how they compare.
func passSignals() -> Int {
  var problems = 0
  for signal in [Signal.traces, .metrics] {
    var counts: [String: Int] = [:]
    var generator = SignalGenerator(signal, seed: seed &+ 7)
    var mutator = Mutator(seed: seed &+ 8)
    var (body, other) = (generator.request(), generator.request())
    for run in 0..<runs / 4 {
      if run % 20 == 0 {
        (other, body) = (body, generator.request())
        if let change = SignalOracle.change(ofValid: body, signal) {
          problems += 1
          print("\(body)\n  \(change)")
        }
      }
      let mutated = mutator.mutate(body, other: other)
      let outcome = SignalOracle.compare(mutated, signal)
      counts[outcome.label, default: 0] += 1
      if case .differ(let how) = outcome, counts[outcome.label, default: 0] <= 10 { print("\(mutated)\n  \(how)") }
    }
    for (label, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(signal.rawValue): \(count) \(label)") }
    problems += counts["differ", default: 0]
  }
  return problems
}

/// Prints the first problems of a part and counts all.
struct Findings {
  private(set) var count = 0

  mutating func add(_ problems: [String], of input: @autoclosure () -> String) {
    count += problems.count
    if count <= 10 { for problem in problems { print("\(input().debugDescription)\n  \(problem)") } }
  }
}

/// The most memory that the process has used so far, in MiB, so that a leak can be seen.
func peakMiB() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss >> 10
}

/// Says how far a long part has come.
func tell(_ part: String, _ run: UInt64, every step: UInt64 = 100_000) {
  guard run > 0 && run % step == 0 else { return }
  print("\(part): \(run) runs, \(peakMiB()) MiB at most")
  fflush(nil)
}

/// Reads statements and conditions, most of them damaged.
func readStatements() -> Int {
  var oracle = OTTLOracle()
  var generator = StatementGenerator(seed: seed &+ 7)
  var mutator = Mutator(seed: seed &+ 8)
  var findings = Findings()
  var other: [UInt8] = []
  for run in 0..<runs {
    let text = Array((run % 2 == 0 ? generator.statement() : generator.condition()).utf8)
    let mutated = run % 5 == 0 ? text : mutator.mutate(text, other: other)
    other = text
    let read = String(decoding: mutated, as: UTF8.self)
    findings.add(oracle.problems(ofText: read), of: read)
    tell("ottl-text", run)
  }
  let counts = oracle.counts
  print("ottl-text: \(runs) texts, \(counts.compiled) compiled, \(counts.refused) refused, \(findings.count) problems")
  return findings.count
}

/// Runs statements, and drops records by conditions, over requests of which half are damaged.
func runStatements() -> Int {
  var oracle = OTTLOracle()
  var statements = StatementGenerator(seed: seed &+ 9)
  var documents = DocumentGenerator(seed: seed &+ 10)
  var generator = RequestGenerator(seed: seed &+ 11)
  var mutator = Mutator(seed: seed &+ 12)
  var findings = Findings()
  for run in 0..<runs {
    let encoding: BodyEncoding = run % 4 == 0 ? .protobuf : .json
    let whole = encoding == .json ? documents.request() : generator.request()
    let request = run % 2 == 0 ? mutator.mutate(whole) : whole
    if run % 8 == 7 {
      let condition = statements.condition()
      findings.add(oracle.problems(of: condition, over: request, as: encoding), of: condition)
    } else {
      let several = (0...run % 3).map { _ in statements.statement() }
      findings.add(oracle.problems(of: several, over: request, as: encoding), of: several.joined(separator: "\n"))
    }
    tell("ottl-run", run)
  }
  let counts = oracle.counts
  print(
    "ottl-run: \(runs) requests, \(counts.compiled) programs, \(counts.met) times a record was taken, "
      + "\(counts.faults) faults, \(findings.count) problems")
  return findings.count
}

let parts: [(name: String, run: () throws -> Int)] = [
  ("protobuf", compareDecoders), ("json", mutateJSON), ("redaction", redact), ("routing", route),
  ("ottl-text", readStatements), ("ottl-run", runStatements), ("signals", passSignals),
]
var problems = 0
for part in parts where named.isEmpty || named.contains(part.name) { problems += try part.run() }
if problems > 0 { exit(1) }
