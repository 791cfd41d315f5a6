package import Options

/// All errors of a configuration at once; its description has one line for each, sorted by place.
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
  /// The errors, sorted by place.
  package var problems: [ConfigProblem]
  /// The form of a log line that the configuration asks for, as far as it could be read.
  package var logEncoding: TelemetryOptions.LogEncoding
  /// The files that the configuration was read from, and those that it names as far as it could be read.
  let files: NamedFiles

  /// An error of all these problems.
  init(
    _ problems: [ConfigProblem], logEncoding: TelemetryOptions.LogEncoding = .console, files: NamedFiles = NamedFiles()
  ) {
    self.problems = problems
    self.logEncoding = logEncoding
    self.files = files
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
