import Options

/// Names of components that Collector distributions have, so that a configuration taken from there gets a clear answer.
enum CollectorComponents {
  static func names(_ kind: ComponentKind) -> [String] {
    switch kind {
    case .receivers: receivers
    case .processors: processors
    case .exporters: exporters
    case .connectors: connectors
    case .extensions: extensions
    }
  }

  private static let receivers = [
    "awscloudwatch", "awsfirehose", "awss3", "azureblob", "azureeventhub", "cloudflare", "collectd", "datadog",
    "docker_stats", "faro", "filelog", "file_log", "fluent_forward", "fluentforward", "googlecloudpubsub",
    "hostmetrics", "influxdb", "jaeger",
    "journald", "k8s_cluster", "k8s_events", "k8sobjects", "kafka", "kubeletstats", "loki", "mongodbatlas",
    "namedpipe", "nop", "otelarrow", "otlp", "otlpjsonfile", "prometheus", "pulsar", "rabbitmq", "receiver_creator",
    "s3", "signalfx", "skywalking", "snmp", "solace", "splunk_hec", "sqlquery", "statsd", "syslog", "tcplog",
    "udplog", "webhookevent", "windowseventlog", "zipkin",
  ]

  private static let processors = [
    "attributes", "batch", "cumulativetodelta", "deltatocumulative", "deltatorate", "dns_lookup", "filter", "geoip",
    "groupbyattrs", "groupbytrace", "interval", "isolationforest", "k8s_attributes", "k8sattributes", "log_dedup",
    "logdedup",
    "logstransform",
    "memory_limiter", "metricsgeneration", "metricstransform", "probabilistic_sampler", "redaction",
    "remotetap", "resource", "resource_detection", "resourcedetection", "routing", "schema", "span", "sumologic",
    "tail_sampling",
    "transform", "unroll",
  ]

  private static let exporters = [
    "alibabacloud_logservice", "awscloudwatchlogs", "awskinesis", "awss3", "azureblob", "azuredataexplorer",
    "azuremonitor", "bmchelix", "carbon", "cassandra", "clickhouse", "coralogix", "datadog", "debug", "doris",
    "elasticsearch", "faro", "file", "googlecloud", "googlecloudpubsub", "googlecloudstorage", "honeycombmarker",
    "influxdb", "jaeger", "kafka", "kinesis", "loadbalancing", "logging", "logicmonitor", "logzio", "loki", "mezmo",
    "nop", "opensearch", "otelarrow", "otlp", "otlp_grpc", "otlp_http", "otlphttp", "prometheus",
    "prometheusremotewrite", "pulsar", "rabbitmq", "sapm", "sentry", "signalfx", "splunk_hec", "stef", "sumologic",
    "syslog", "tencentcloud_logservice", "tinybird", "zipkin",
  ]

  private static let connectors = [
    "count", "datadog", "exceptions", "failover", "forward", "grafanacloud", "otlpjson", "roundrobin", "routing",
    "servicegraph", "signaltometrics", "slowsql", "spanmetrics", "sum",
  ]

  private static let extensions = [
    "ack", "asapclient", "awsproxy", "azureauth", "basicauth", "bearertokenauth", "cgroupruntime", "datadog",
    "db_storage", "ecs_observer", "ecs_task_observer", "file_storage", "googleclientauth", "headers_setter",
    "health_check", "healthcheckv2", "host_observer", "http_forwarder", "jaegerremotesampling", "k8s_observer",
    "memory_ballast", "memory_limiter", "oauth2client", "oidc", "opamp", "pprof", "redis_storage", "sigv4auth",
    "solarwindsapmsettings",
    "zpages",
  ]
}
