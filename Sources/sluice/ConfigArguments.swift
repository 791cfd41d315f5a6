import ArgumentParser
import Gateway
import Glibc
import Options

/// The arguments that name the configuration, as in the Collector.
struct ConfigArguments: ParsableArguments {
  @Option(
    name: [.customShort("c"), .customLong("config")],
    help: ArgumentHelp(
      "A pipeline file; repeat it to merge later files over earlier ones. Also env:NAME or yaml:TEXT.",
      valueName: "file"))
  var configs: [String] = []

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("One option over the files, as in receivers.otlp.limits.max_depth=32.", valueName: "key=value"))
  var settings: [String] = []

  @Option(
    name: .customLong("signals"),
    help: ArgumentHelp(
      "Leave out pipelines of other signals, and what only they use: logs, or several with commas.",
      valueName: "signals"))
  var signals: String?

  /// The sources in the order in which they are merged; without `--config` the embedded default comes first.
  var sources: [ConfigSource] {
    let files = configs.isEmpty ? [.embedded] : configs.map { ConfigSource(argument: $0) }
    return files + settings.map { .setting($0) } + (signals.map { [.signals($0)] } ?? [])
  }

  /// The checked configuration, its warnings written to standard error or wherever `tell` writes problems; any error
  /// ends the command with `EX_CONFIG`. With `forThisMachine` folders, permissions and limits of this machine are
  /// checked too.
  func load(
    forThisMachine: Bool = false,
    telling tell: ([ConfigProblem], TelemetryOptions.LogEncoding) -> Void = writeToStandardError
  ) throws -> Configuration {
    do throws(ConfigurationError) {
      let configuration = try read(forThisMachine: forThisMachine)
      tell(configuration.warnings, configuration.service.telemetry.logEncoding)
      return configuration
    } catch {
      tell(error.problems, error.logEncoding)
      throw ExitCode.invalidConfiguration
    }
  }
}

extension ConfigArguments {
  /// The checked configuration, nothing told.
  func read(forThisMachine: Bool) throws(ConfigurationError) -> Configuration {
    try Configuration.load(
      sources, registry: .standard, forThisMachine: forThisMachine, environment: environmentVariable)
  }
}

extension ExitCode {
  /// `EX_CONFIG` of sysexits.h.
  static let invalidConfiguration = ExitCode(78)
  /// `EX_SOFTWARE` of sysexits.h.
  static let internalError = ExitCode(70)
}

/// The value of an environment variable of this process; nil if it is not set or not UTF-8.
private func environmentVariable(_ name: String) -> String? {
  getenv(name).flatMap { String(validatingCString: $0) }
}

/// Writes problems to standard error as people read them, whatever the gateway's log looks like.
func writeToStandardError(_ problems: [ConfigProblem], _: TelemetryOptions.LogEncoding) {
  for problem in problems { writeToStandardError("\(problem)") }
}

/// Writes one line to standard error.
func writeToStandardError(_ line: String) {
  var bytes = Array((line + "\n").utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return }
    bytes = bytes.dropFirst(count)
  }
}
