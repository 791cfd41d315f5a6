extension ConfigSource {
  /// What runs without `--config`; the same text as `config/sluice.yaml`.
  package static let embedded = ConfigSource.text(defaultText, name: "default configuration")

  /// The YAML of the embedded configuration.
  package static let defaultText = """
    # What sluice runs without --config: OTLP logs in on both standard ports, out to a folder in which sluice logs and
    # the page at http://localhost:8888 find them, and, in brief, to the log.
    receivers:
      otlp:
        protocols:
          grpc:
            endpoint: 0.0.0.0:4317
          http:
            endpoint: 0.0.0.0:4318

    exporters:
      store:
        path: sluice-logs
        retention: {max_size: 1GiB}
      debug:
        verbosity: basic

    service:
      pipelines:
        logs:
          receivers: [otlp]
          exporters: [store, debug]

    """
}
