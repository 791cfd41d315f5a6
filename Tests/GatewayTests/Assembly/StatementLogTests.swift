import LogPipeline
import Testing

@testable import Gateway

@Suite struct StatementLogTests {
  /// A transform processor of these options, and a batch of one record on which its first statement fails.
  private func made(_ options: String) throws -> (step: PipelineStep, user: any StatementUser) {
    let configuration = try Configuration.load(
      [
        .text(
          """
          receivers: {otlp: {protocols: {http: }}}
          processors: {transform: {\(options)}}
          exporters: {nop: }
          service: {pipelines: {logs: {receivers: [otlp], processors: [transform], exporters: [nop]}}}
          """, name: "f.yaml")
      ], registry: .standard
    ) { _ in nil }
    let component = try #require(configuration.processors.first)
    let processor = try #require(component.options.makeProcessor(id: "transform"))
    return (PipelineStep(processor), try #require(processor as? any StatementUser))
  }

  private func run(_ step: PipelineStep) throws {
    var batch = LogBatch()
    try batch.decode(
      json: Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#.utf8), limits: DecodeLimits())
    step.processor.process(&batch)
  }

  @Test func tellsOfEachStatementOnceInTenSeconds() throws {
    let (step, user) = try made("log_statements: ['set(log.body, log.body / 2)', 'set(log.body, 1 / log.flags)']")
    try run(step)
    let capture = LogCapture()
    let log = StatementLog(of: [user], logger: capture.logger)
    var said = StatementLog.Said([user])
    log.tell(&said)
    #expect(capture.lines.isEmpty)
    try run(step)
    log.tell(&said)
    #expect(capture.lines("a statement failed").count == 2)
    #expect(
      capture.lines.first?.fields == [
        "component": "transform", "statement": "processors.transform.log_statements[0]", "times": "1",
        "cause": "a value is nil",
      ])
    #expect(capture.lines.last?.fields["cause"] == "a number is divided by zero")
    for _ in 0..<9 {
      try run(step)
      log.tell(&said)
    }
    #expect(capture.lines.count == 2)
    log.tell(&said)
    #expect(capture.lines.count == 4)
    #expect(capture.lines.last?.fields["times"] == "9")
  }

  @Test func keepsSilentWhereItIsToldTo() throws {
    let (step, user) = try made("error_mode: silent, log_statements: ['set(log.body, log.body / 2)']")
    let capture = LogCapture()
    var said = StatementLog.Said([user])
    try run(step)
    StatementLog(of: [user], logger: capture.logger).tell(&said)
    #expect(user.statements.map(\.faults) == [1])
    #expect(capture.lines.isEmpty)
  }
}
