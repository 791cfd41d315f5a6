import LogPipeline

/// The dialects that are measured, each at its defaults but for what its name says.
func dialects() throws -> [(String, any Dialect)] {
  var ecs = ElasticsearchOptions()
  ecs.mappingMode = .ecs
  return [
    ("elasticsearch-otel", try ElasticsearchDialect(ElasticsearchOptions())),
    ("elasticsearch-ecs", try ElasticsearchDialect(ecs)),
    ("victorialogs", VictoriaLogsDialect(VictoriaLogsOptions())),
    ("otlp", OTLPDialect(transport: .grpc)),
    ("file", FileDialect()),
  ]
}
