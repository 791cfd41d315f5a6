extension ConfigSource {
  /// What runs without `--config`; the same text as `config/sluice.yaml`.
  package static let embedded = ConfigSource.text(defaultText, name: "default configuration")

  /// The YAML of the embedded configuration.
  package static let defaultText = """
    # What sluice runs without --config: OTLP logs in on both standard ports, out to a file, one record a line, and, in
    # brief, to the log.
    receivers:
      otlp:
        protocols:
          grpc:
            endpoint: 0.0.0.0:4317
          http:
            endpoint: 0.0.0.0:4318

    exporters:
      file:
        path: sluice-logs.ndjson
        format: flat
        rotation: {max_megabytes: 100, max_backups: 5}
      debug:
        verbosity: basic

    service:
      pipelines:
        logs:
          receivers: [otlp]
          exporters: [file, debug]

    """
}
