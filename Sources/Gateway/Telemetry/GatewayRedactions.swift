import LogPipeline

extension GatewayMetrics {
  /// What redaction has changed, by rule; nothing of what it was.
  mutating func redactions(_ processors: [any Processor]) {
    text.family("sluice_processor_redactions", .counter, "Values or parts of values that redaction changed, by rule.")
    for case let processor as RedactionProcessor in processors {
      for row in processor.redactions {
        let labels = [Label("processor", processor.id), Label("rule", row.rule), Label("action", row.action)]
        text.sample(labels, row.count)
      }
    }
  }
}
