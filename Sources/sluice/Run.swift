import ArgumentParser
import Gateway

/// `sluice run`: runs the configured pipelines until a signal ends it.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the configured pipelines (the default command).")

  @OptionGroup var config: ConfigArguments

  @Flag(help: "Read the configuration again whenever one of its files has changed, as on SIGHUP.")
  var watch = false

  func run() async throws {
    let lifetime = Lifetime.begin(hangUp: .reloads)
    defer { LogWriter.standardError.flush() }
    // Nobody has to read standard error for the gateway to start.
    let configuration = try config.load(forThisMachine: true, telling: StartFailure.tell)
    if lifetime.stop.isRaised { return }
    let source = ReloadSource(isWatched: watch) { [config] () throws(ConfigurationError) in
      try config.read(forThisMachine: true)
    }
    let isClean: Bool
    do {
      isClean = try await Gateway.run(configuration, lifetime, readingAgain: source)
    } catch {
      StartFailure.tell(error, of: configuration)
      throw ExitCode.failure
    }
    if !isClean { throw ExitCode.failure }
  }
}
