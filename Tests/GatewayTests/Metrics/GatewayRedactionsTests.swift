import LogPipeline
import Testing

@testable import Gateway

@Suite struct GatewayRedactionsTests {
  @Test func everyRuleOfAProcessorHasASampleAndNoTextOfARecord() throws {
    var options = RedactionOptions()
    options.allowAllKeys = true
    options.detectors = RuleSet([.creditCard, .keyName])
    options.rules = [.init(id: "order", pattern: try Pattern("ORD-[0-9]+"), action: .delete)]
    let processor = RedactionProcessor(id: "redaction/all", options)
    var batch = LogBatch()
    let json =
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"4111111111111111 ORD-77"}}]}]}]}"#
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    processor.process(&batch)
    var metrics = GatewayMetrics()
    metrics.redactions([PipelineStep(processor)])
    let labels = "processor=\"redaction/all\",rule="
    for sample in [
      "\"credit_card\",action=\"mask\"} 1", "\"order\",action=\"delete\"} 1", "\"key_name\",action=\"mask\"} 0",
    ] {
      #expect(metrics.families.page.contains("sluice_processor_redactions{\(labels)\(sample)\n"), "\(sample)")
    }
    #expect(!metrics.families.page.contains("4111") && !metrics.families.page.contains("ORD-77"))
  }
}
