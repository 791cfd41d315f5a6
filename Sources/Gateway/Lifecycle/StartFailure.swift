package import Options

/// What is said of a start that does not come to a running gateway, in the form of the gateway's own log.
package enum StartFailure {
  /// Problems of the configuration: as JSON where that is asked for, else each a line that editors can jump to.
  package static func tell(_ problems: [ConfigProblem], as encoding: TelemetryOptions.LogEncoding) {
    for problem in problems {
      let line =
        encoding == .console
        ? "\(problem)\n"
        : OwnLog.json(OwnLog.now(), problem.severity == .error ? .error : .warning, "\(problem)", [])
      LogWriter.standardError.write(line)
    }
  }

  /// Why the gateway cannot run.
  package static func tell(_ error: any Error, of configuration: Configuration) {
    OwnLog.logger(configuration.service.telemetry).error("the gateway cannot run: \(error)")
  }
}
