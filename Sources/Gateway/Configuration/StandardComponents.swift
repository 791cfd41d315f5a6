extension ComponentRegistry {
  /// Every component that sluice has, one line each.
  package static var standard: ComponentRegistry {
    var registry = ComponentRegistry()
    registry.register(.receivers, "otlp", "Takes logs over OTLP/gRPC and OTLP/HTTP.") { OTLPReceiverOptions($0) }
    return registry
  }
}
