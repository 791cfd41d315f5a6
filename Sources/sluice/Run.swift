import ArgumentParser
import Gateway

/// `sluice run`: runs the configured pipelines until a signal ends it.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the configured pipelines (the default command).")

  @OptionGroup var config: ConfigArguments

  func run() async throws {
    let lifetime = Lifetime.begin(hangUp: .reloads)
    defer { LogWriter.standardError.flush() }
    // Nobody has to read standard error for the gateway to start.
    let configuration = try config.load(forThisMachine: true, telling: StartFailure.tell)
    if lifetime.stop.isRaised { return }
    let isClean: Bool
    do {
      isClean = try await Gateway.run(configuration, lifetime)
    } catch {
      StartFailure.tell(error, of: configuration)
      throw ExitCode.failure
    }
    if !isClean { throw ExitCode.failure }
  }
}
