extension ComponentRegistry {
  /// Every component that sluice has, one line each.
  package static var standard: ComponentRegistry {
    var registry = ComponentRegistry()
    registry.register(.receivers, "otlp", "Takes logs over OTLP/gRPC and OTLP/HTTP.") { OTLPReceiverOptions($0) }
    registry.register(.processors, "attributes", "Edits attributes of records.") { AttributesProcessorComponent($0) }
    registry.register(.processors, "resource", "Edits attributes of resources.") { ResourceProcessorComponent($0) }
    registry.register(.processors, "filter", "Drops records.") { FilterProcessorComponent($0) }
    registry.register(.processors, "redaction", "Masks what is sensitive.") { RedactionProcessorComponent($0) }
    registry.register(.processors, "probabilistic_sampler", "Keeps a share of the records.") {
      SamplerProcessorComponent($0)
    }
    for name in ["log_dedup", "logdedup"] {
      registry.register(.processors, name, "Suppresses records that repeat.") { DeduplicationProcessorComponent($0) }
    }
    registry.register(.processors, "severity", "Gives records a severity number by their text; not in the Collector.") {
      SeverityProcessorComponent($0)
    }
    registry.register(
      .processors, "required_attributes",
      "Marks, drops or rejects records that lack an attribute; not in the Collector."
    ) { RequiredAttributesProcessorComponent($0) }
    registry.register(.processors, "rate_limit", "Limits records and bytes a second; not in the Collector.") {
      RateLimitProcessorComponent($0)
    }
    registry.register(.processors, "batch", "Says how exporters batch.") { BatchProcessorComponent($0) }
    registry.register(.processors, "memory_limiter", "Bounds receivers and queues in memory.") {
      MemoryLimiterProcessorComponent($0)
    }
    registry.register(.exporters, "elasticsearch", "Elasticsearch, by _bulk.") { ElasticsearchComponent($0) }
    registry.register(.exporters, "victorialogs", "VictoriaLogs.") { VictoriaLogsComponent($0) }
    registry.register(.exporters, "otlp", "The next OTLP endpoint, over gRPC.") { OTLPGRPCComponent($0) }
    registry.register(.exporters, "otlphttp", "The next OTLP endpoint, over HTTP.") { OTLPHTTPComponent($0) }
    registry.register(.exporters, "file", "A rotating file of JSON lines.") { FileComponent($0) }
    registry.register(.exporters, "debug", "Standard error.") { DebugComponent($0) }
    registry.register(.exporters, "nop", "Nowhere: takes records and keeps nothing.") { NopComponent($0) }
    registry.register(.connectors, "routing", "Hands records to the pipelines that a table says.") {
      RoutingConnectorComponent($0)
    }
    registry.register(.connectors, "forward", "Hands all records to every pipeline that names it.") {
      ForwardConnectorComponent($0)
    }
    registry.register(.extensions, "file_storage", "Keeps exporters' queues on disk.") { FileStorageComponent($0) }
    return registry
  }
}
