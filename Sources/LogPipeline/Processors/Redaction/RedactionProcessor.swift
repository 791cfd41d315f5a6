/// Masks, hashes or deletes what is sensitive in a batch, before anything of it is queued.
///
/// Looks at bodies and at the attributes of records, scopes and resources, into maps, arrays and JSON held in strings.
/// What it cannot examine it masks. Redacting twice changes nothing.
package struct RedactionProcessor: Processor, StatementUser {
  package let id: String
  let program: RedactionProgram
  private let counters: [RecordCount]
  private let skipConditions: CompiledConditions?

  package init(id: String, _ options: RedactionOptions) {
    self.id = id
    program = RedactionProgram(options)
    skipConditions = options.skipConditions
    counters = program.rules.map { _ in RecordCount() }
  }

  package var statements: [StatementTally] { skipConditions?.tallies ?? [] }
  package var needsContext: Bool { skipConditions?.conditions.needsRequest ?? false }
  package var contextFields: [[UInt8]] { skipConditions.map { Array($0.conditions.requestNames) } ?? [] }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) { run(on: &batch, of: &request) }

  func run(on batch: inout LogBatch, of request: inout RequestContext, tracedBy trace: RedactionTrace? = nil) {
    // A condition that fails skips nothing, so none of this refuses a request.
    let skipped = try? skipConditions?.conditions.matches(in: batch, of: request)
    var pass = RedactionPass(program, tracedBy: trace)
    pass.run(&batch, skipping: skipped)
    for (counter, count) in zip(counters, pass.redactor.counts) where count > 0 { counter.add(count) }
  }

  /// How often each rule has changed something since the start, for rules that are on or have changed something.
  package var redactions: [RuleCount] {
    zip(program.rules, counters).enumerated().compactMap { index, pair in
      let isOn = index >= Rule.allCases.count || program.detectors.rules.contains(Rule.allCases[index])
      let count = pair.1.value
      return isOn || count > 0 ? RuleCount(rule: pair.0.id, action: pair.0.action.label, count: count) : nil
    }
  }

  /// One row of the metric `sluice_processor_redactions`.
  package struct RuleCount: Sendable, Equatable {
    package var rule: String
    package var action: String
    package var count: Int

    package init(rule: String, action: String, count: Int) {
      self.rule = rule
      self.action = action
      self.count = count
    }
  }
}
