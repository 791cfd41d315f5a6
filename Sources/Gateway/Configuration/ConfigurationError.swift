package import Options

/// All errors of a configuration at once; its description has one line for each, sorted by place.
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
  /// The errors, sorted by place.
  package var problems: [ConfigProblem]
  /// The form of a log line that the configuration asks for, as far as it could be read.
  package var logEncoding: TelemetryOptions.LogEncoding

  /// An error of all these problems.
  package init(_ problems: [ConfigProblem], logEncoding: TelemetryOptions.LogEncoding = .console) {
    self.problems = problems
    self.logEncoding = logEncoding
  }

  /// One line for each problem.
  package var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}

extension ConfigReport {
  /// Throws every error found so far, if there is one.
  package func throwErrors() throws(ConfigurationError) {
    if hasErrors { throw ConfigurationError(errors) }
  }
}
