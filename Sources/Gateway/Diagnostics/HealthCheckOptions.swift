package import Options

/// `extensions.health_check`: a port that says whether the gateway is ready, as the Collector's does.
package struct HealthCheckOptions: ExtensionOptions {
  package static let doc = "Says over HTTP whether the gateway is ready."

  package let port: ExtensionPort?

  package init(_ options: ConfigReader) {
    var answers = HealthAnswers()
    answers.path = options.read("path", .urlPath, default: answers.path, "The path that is answered.")
    options.section("response_body", "What is answered instead of the Collector's JSON.") { body in
      answers.healthy = body.optional("healthy", .nonEmptyString, "With 200.")
      answers.unhealthy = body.optional("unhealthy", .nonEmptyString, "With 503.")
    }
    answers.failureThreshold = options.section(
      "check_collector_pipeline", "Whether exporters that fail make the gateway unhealthy."
    ) { check in
      let isEnabled = check.read("enabled", .bool, default: false, "Whether they do.")
      _ = check.optional("interval", .duration(), "Of no effect: attempts are counted since the last delivery.")
      let threshold = check.read(
        "exporter_failure_threshold", .int(in: 1...1_000_000), default: 5,
        "Attempts in a row that deliver nothing after which one does.")
      return isEnabled ? threshold : nil
    }
    options.unsupported("tls", "auth", "cors", "response_headers", because: "the port answers in clear text")
    port = ExtensionPort(options, port: 13133, answers: .health(answers))
  }
}
