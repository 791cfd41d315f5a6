package import Options

/// A port that an extension answers HTTP on.
package struct ExtensionPort: Sendable {
  /// What it answers.
  package enum Answers: Sendable {
    /// Whether the gateway is ready.
    case health(HealthAnswers)
    /// One page, whatever is asked for.
    case page(String)
  }

  /// The address; port 0 lets the system choose.
  package var endpoint: Endpoint
  /// The option that says so, as in `extensions.health_check.endpoint`.
  package var option: String
  /// Where the option stands.
  package var place: ConfigPlace
  package var answers: Answers

  /// The port that `endpoint` of a section names.
  init(_ options: ConfigReader, port: UInt16, answers: Answers) {
    endpoint = options.read(
      "endpoint", .endpoint(defaultPort: port), default: Endpoint(host: "localhost", port: port), "Where to listen.")
    option = options.path(of: "endpoint")
    place = options.place(of: "endpoint")
    self.answers = answers
  }
}

/// What `health_check` answers.
package struct HealthAnswers: Sendable, Equatable {
  /// The path that is answered.
  package var path = "/"
  /// The body while the gateway is ready; nil for the Collector's own.
  package var healthy: String?
  /// The body while it is not.
  package var unhealthy: String?
  /// Attempts in a row that deliver nothing after which an exporter makes the gateway unhealthy; nil for never.
  package var failureThreshold: Int?
}
