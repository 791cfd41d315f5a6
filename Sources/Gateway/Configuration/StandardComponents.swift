import LogPipeline

extension ComponentRegistry {
  /// Every component that sluice has, one line each.
  package static let standard: ComponentRegistry = {
    var registry = ComponentRegistry()
    registry.receivers["otlp"] = OTLPReceiverOptions.self

    registry.processors["attributes"] = AttributesOptions.self
    registry.processors["resource"] = ResourceOptions.self
    registry.processors["filter"] = FilterOptions.self
    registry.processors["transform"] = TransformOptions.self
    registry.processors["redaction"] = RedactionOptions.self
    registry.processors["probabilistic_sampler"] = ProbabilisticSamplerOptions.self
    registry.processors["log_dedup"] = DeduplicationOptions.self
    registry.processors["logdedup"] = DeduplicationOptions.self
    registry.processors["severity"] = SeverityOptions.self
    registry.processors["required_attributes"] = RequiredAttributesOptions.self
    registry.processors["rate_limit"] = RateLimitOptions.self
    registry.processors["k8s_attributes"] = KubernetesAttributesOptions.self
    registry.processors["k8sattributes"] = KubernetesAttributesOptions.self
    registry.processors["resource_detection"] = ResourceDetectionOptions.self
    registry.processors["resourcedetection"] = ResourceDetectionOptions.self
    registry.processors["batch"] = BatchOptions.self
    registry.processors["memory_limiter"] = MemoryLimiterOptions.self

    registry.exporters["elasticsearch"] = HTTPExporterOptions<ElasticsearchOptions>.self
    registry.exporters["victorialogs"] = HTTPExporterOptions<VictoriaLogsOptions>.self
    registry.exporters["otlp"] = OTLPExporterOptions.self
    registry.exporters["otlp_grpc"] = OTLPExporterOptions.self
    registry.exporters["otlphttp"] = OTLPHTTPExporterOptions.self
    registry.exporters["otlp_http"] = OTLPHTTPExporterOptions.self
    registry.exporters["loadbalancing"] = LoadBalancingExporterOptions.self
    registry.exporters["loki"] = LokiExporterOptions.self
    registry.exporters["store"] = StoreExporterOptions.self
    registry.exporters["file"] = FileExporterOptions.self
    registry.exporters["debug"] = DebugExporterOptions.self
    registry.exporters["logging"] = DebugExporterOptions.self
    registry.exporters["nop"] = NopExporterOptions.self

    registry.connectors["routing"] = RoutingOptions.self
    registry.connectors["forward"] = ForwardOptions.self

    registry.extensions["file_storage"] = FileStorageOptions.self
    registry.extensions["basicauth"] = BasicAuthOptions.self
    registry.extensions["bearertokenauth"] = BearerTokenAuthOptions.self
    registry.extensions["client_certificate"] = ClientCertificateOptions.self
    registry.extensions["oidc"] = OpenIDOptions.self
    registry.extensions["oauth2client"] = OAuth2ClientOptions.self
    registry.extensions["headers_setter"] = HeadersSetterOptions.self
    registry.extensions["tenants"] = TenantsOptions.self
    registry.extensions["health_check"] = HealthCheckOptions.self
    registry.extensions["zpages"] = ZPagesOptions.self
    registry.extensions["pprof"] = PprofOptions.self
    registry.extensions["opamp"] = OpAMPOptions.self
    registry.extensions["memory_ballast"] = MemoryBallastOptions.self
    return registry
  }()
}
