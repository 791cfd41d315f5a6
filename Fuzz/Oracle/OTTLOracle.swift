package import LogPipeline
import Options

/// Holds OTTL to its promises for any text and any request: what cannot be right is refused with its place, and
/// whatever statements do leaves a batch that every destination can have.
package struct OTTLOracle {
  /// What happened so far, each of which a run should have seen.
  package struct Counts {
    /// Texts that were refused, and those that were compiled.
    package fileprivate(set) var refused = 0
    package fileprivate(set) var compiled = 0
    /// How often statements and conditions took a record, and how often that was a fault.
    package fileprivate(set) var met = 0
    package fileprivate(set) var faults = 0
  }

  package private(set) var counts = Counts()
  private let dialects = EveryDialect()

  package init() {}

  /// What is wrong about how a text is read, as a statement and as a condition; empty if it is taken or refused well.
  package mutating func problems(ofText text: String) -> [String] {
    problems(of: TransformOptions.self, "log_statements", [text]) { _ in [] }
      + problems(of: FilterOptions.self, "log_conditions", [text]) { _ in [] }
  }

  /// What is wrong about a request behind statements, some with `flatten_data`; empty if these or the request are
  /// refused, or if all is well.
  package mutating func problems(of statements: [String], over body: [UInt8], as encoding: BodyEncoding) -> [String] {
    let dialects = dialects
    return problems(of: TransformOptions.self, "log_statements", statements) { processor in
      Self.problems(behind: processor, body, encoding, dialects)
    }
  }

  /// Small enough for many requests to reach them.
  private static let limits = [
    ("max_growth", "4KiB"), ("max_steps", "1000"), ("max_depth", "4"), ("max_growth", "1KiB"),
  ]

  /// The same of conditions that say which records are dropped.
  package mutating func problems(of condition: String, over body: [UInt8], as encoding: BodyEncoding) -> [String] {
    let dialects = dialects
    return problems(of: FilterOptions.self, "log_conditions", [condition]) { processor in
      Self.problems(behind: processor, body, encoding, dialects)
    }
  }

  /// Reads texts as an option, and says what `check` finds of the processor that they make.
  private mutating func problems<O: ProcessorOptions>(
    of _: O.Type, _ key: String, _ texts: [String], _ check: (any Processor) -> [String]
  ) -> [String] {
    let place = ConfigPlace(source: "fuzz")
    let items = texts.map { ConfigNode(.scalar(.init($0, isQuoted: true)), at: place) }
    var entries = [ConfigNode.Entry(key: key, place: place, value: ConfigNode(.list(items), at: place))]
    if key == "log_statements" && counts.compiled % 4 == 0 {
      let flattens = ConfigNode(.scalar(.init("true")), at: place)
      entries.append(ConfigNode.Entry(key: "flatten_data", place: place, value: flattens))
    }
    if counts.compiled % 3 == 0 {
      let (limit, value) = Self.limits[counts.compiled / 3 % Self.limits.count]
      let section = [ConfigNode.Entry(key: limit, place: place, value: ConfigNode(.scalar(.init(value)), at: place))]
      entries.append(ConfigNode.Entry(key: "limits", place: place, value: ConfigNode(.map(section), at: place)))
    }
    let report = ConfigReport()
    let options = O(ConfigReader(ConfigNode(.map(entries), at: place), path: "fuzz", report: report))
    guard report.errors.isEmpty else {
      counts.refused += 1
      return report.errors.filter { !$0.message.hasPrefix("line ") }.map { "says no place: \($0.message)" }
    }
    guard let processor = options.makeProcessor(id: "fuzz") else { return ["makes nothing"] }
    counts.compiled += 1
    let problems = check(processor)
    for tally in (processor as? any StatementUser)?.statements ?? [] {
      counts.met += tally.met
      counts.faults += tally.faults
    }
    return problems
  }

  private static func problems(
    behind processor: any Processor, _ body: [UInt8], _ encoding: BodyEncoding, _ dialects: EveryDialect
  ) -> [String] {
    var batch = LogBatch()
    batch.receivedUnixNano = 1_700_000_000_000_000_000
    var request = RequestContext(clientAddress: "::1", monotonicNano: 0)
    do {
      try batch.decode(body, as: encoding)
    } catch {
      return []
    }
    do throws(ProcessorRefusal) {
      try processor.process(&batch, of: &request)
    } catch {
      return ["refuses a request: \(error.reason)"]
    }
    if let problem = BatchCheck.problem(of: batch, maxDepth: DecodeLimits().maxDepth) { return [problem] }
    _ = dialects.encode(batch)
    return []
  }
}
