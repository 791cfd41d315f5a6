/// What an OTLP receiver takes and how it answers; every member has a default.
package struct OTLPServiceOptions: Sendable {
  /// Path of the HTTP export requests (config `logs_url_path`). Default `/v1/logs`.
  package var logsPath = "/v1/logs"
  /// The same of traces (config `traces_url_path`). Default `/v1/traces`.
  package var tracesPath = "/v1/traces"
  /// The same of metrics (config `metrics_url_path`). Default `/v1/metrics`.
  package var metricsPath = "/v1/metrics"
  /// Largest HTTP body, as received and again after decompression (config `max_request_body_size`).
  /// Default 64 MiB, as OTLP recommends (specification, "OTLP/HTTP Request").
  package var maxRequestBodyBytes = 64 << 20
  /// Largest gRPC message, as received and again after decompression (config `max_recv_msg_size_mib`).
  /// Default 64 MiB, as OTLP recommends (specification, "OTLP/gRPC Request").
  package var maxMessageBytes = 64 << 20
  /// Compressions of HTTP bodies that are taken (config `compression_algorithms`; `""` there is `identity`). Default
  /// all. Those of gRPC messages are always taken.
  package var acceptedCodings = Set(ContentCoding.allCases)
  /// Fields added to every answer over HTTP (config `response_headers`). Default none.
  package var responseHeaders: [(name: String, value: String)] = []
  /// Browsers that may send (config `cors`). Default none.
  package var cors = CORSOptions()
  /// Members of a gzip body, or frames of a zstd body. Default 10,000.
  package var maxCompressedMembers = 10_000
  /// The wait that a refused sender is asked for when a retry can help (config `retry_after`). Default 5 s.
  package var retryHint: Duration = .seconds(5)
  /// Whether senders are told of what was mended in their records, by `partial_success` with nothing rejected
  /// (config `warn_senders`). Default false.
  package var warnSenders = false
  /// What becomes of requests with a signal that no pipeline is of (config `other_signals`). Default they are refused.
  package var otherSignals = OtherSignals.refuse
  /// Health watches open at once; further ones are refused. Default 1000.
  package var maxHealthWatches = 1000
  /// Largest message of a health check. Default 4 KiB.
  package var maxHealthMessageBytes = 4 << 10
  /// Memory that one request's encoded records may take for one destination (config `max_encoded`).
  /// Default 256 MiB.
  package var maxEncodedBytes = 256 << 20

  package init() {}
}
