extension ComponentRegistry {
  /// Every component that sluice has, one line each.
  package static var standard: ComponentRegistry {
    var registry = ComponentRegistry()
    registry.register(.receivers, "otlp", "Takes logs over OTLP/gRPC and OTLP/HTTP.") { OTLPReceiverOptions($0) }
    registry.register(.exporters, "elasticsearch", "Elasticsearch, by _bulk.") { ElasticsearchComponent($0) }
    registry.register(.exporters, "victorialogs", "VictoriaLogs.") { VictoriaLogsComponent($0) }
    registry.register(.exporters, "otlp", "The next OTLP endpoint, over gRPC.") { OTLPGRPCComponent($0) }
    registry.register(.exporters, "otlphttp", "The next OTLP endpoint, over HTTP.") { OTLPHTTPComponent($0) }
    registry.register(.exporters, "file", "A rotating file of JSON lines.") { FileComponent($0) }
    registry.register(.exporters, "debug", "Standard error.") { DebugComponent($0) }
    registry.register(.exporters, "nop", "Nowhere: takes records and keeps nothing.") { NopComponent($0) }
    registry.register(.extensions, "file_storage", "Keeps exporters' queues on disk.") { FileStorageComponent($0) }
    return registry
  }
}
