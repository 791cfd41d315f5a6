import LogPipeline

extension GatewayMetrics {
  /// What redaction has changed, by rule; nothing of what it was.
  mutating func redactions(_ steps: [PipelineStep]) {
    families.begin(
      "sluice_processor_redactions", .counter, "Values or parts of values that redaction changed, by rule.")
    for step in steps {
      guard let processor = step.processor as? RedactionProcessor else { continue }
      for row in processor.redactions {
        let labels = [Label("processor", processor.id), Label("rule", row.rule), Label("action", row.action)]
        families.sample(labels, row.count)
      }
    }
  }
}
