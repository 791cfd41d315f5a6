/// One thing that is wrong or doubtful in the configuration, with its place and the path of the option.
package struct ConfigProblem: Sendable, Hashable, CustomStringConvertible {
  /// Errors keep the gateway from starting; warnings do not.
  package enum Severity: Sendable { case error, warning }

  /// Whether this keeps the gateway from starting.
  package var severity: Severity
  /// Where to look.
  package var place: ConfigPlace
  /// The dotted path of the option, empty for the document itself.
  package var path: String
  /// What is wrong, without any secret.
  package var message: String

  /// A problem of the option `path` at a place.
  package init(_ severity: Severity, at place: ConfigPlace, path: String, _ message: String) {
    self.severity = severity
    self.place = place
    self.path = path
    self.message = message
  }

  /// `file.yaml:12:7: receivers.otlp: message`, with `warning: ` before the message of a warning.
  package var description: String {
    let subject = path.isEmpty ? "" : "\(path.forDisplay(maxCharacters: 256)): "
    return "\(place): \(severity == .warning ? "warning: " : "")\(subject)\(message)"
  }
}

/// A name by which an option asks for what authentication knows of a sender (`auth.` and the name).
package struct ConfigClaim: Sendable {
  package let name: String
  package let place: ConfigPlace
  package let path: String
}

/// Collects the problems found while a configuration is read, up to a limit, so that one run shows them all.
package final class ConfigReport {
  /// How many problems are kept unless said otherwise.
  package static let defaultMaxProblems = 100

  private let maxProblems: Int
  private var found: [ConfigProblem] = []
  private var omittedErrors = 0
  /// True once there is a problem that keeps the gateway from starting.
  package private(set) var hasErrors = false
  /// What options ask of authentication.
  package private(set) var claims: [ConfigClaim] = []

  /// An empty report that keeps at most `maxProblems`.
  package init(maxProblems: Int = ConfigReport.defaultMaxProblems) { self.maxProblems = maxProblems }

  /// True once further problems are only counted; costly hints need not be worked out any more.
  package var isFull: Bool { found.count >= maxProblems }

  /// Takes note that the option `path` asks for what authentication knows of a sender by a name.
  package func ask(claim name: String, at place: ConfigPlace, path: String) {
    claims.append(ConfigClaim(name: name, place: place, path: path))
  }

  /// Adds an error of the option `path`.
  package func error(at place: ConfigPlace, path: String, _ message: String) {
    add(ConfigProblem(.error, at: place, path: path, message))
  }

  /// Adds a warning of the option `path`.
  package func warning(at place: ConfigPlace, path: String, _ message: String) {
    add(ConfigProblem(.warning, at: place, path: path, message))
  }

  /// Adds a problem, or only counts it if the report is full.
  package func add(_ problem: ConfigProblem) {
    if problem.severity == .error { hasErrors = true }
    if !isFull {
      found.append(problem)
    } else if problem.severity == .error {
      omittedErrors += 1
    }
  }

  /// The errors, sorted by place; a last line counts those beyond the limit.
  package var errors: [ConfigProblem] {
    var errors = sorted(.error)
    if omittedErrors > 0 {
      let place = errors.last?.place ?? found.last?.place ?? ConfigPlace(source: "configuration")
      let message = "\(omittedErrors) more errors are not shown (limit \(maxProblems))"
      errors.append(ConfigProblem(.error, at: place, path: "", message))
    }
    return errors
  }

  /// The warnings, sorted by place.
  package var warnings: [ConfigProblem] { sorted(.warning) }

  private func sorted(_ severity: ConfigProblem.Severity) -> [ConfigProblem] {
    found.filter { $0.severity == severity }
      .sorted { ($0.place, $0.path, $0.message) < ($1.place, $1.path, $1.message) }
  }
}
