import ArgumentParser
import Gateway

/// `sluice run`: runs the configured pipelines until a signal ends it.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the configured pipelines (the default command).")

  @OptionGroup var config: ConfigArguments

  func run() async throws {
    _ = try config.load()
    // Call site of Gateway.run(configuration).
    writeToStandardError("error: this build has no gateway to run; validate and print-config work")
    throw ExitCode.internalError
  }
}
