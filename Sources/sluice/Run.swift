import ArgumentParser
import Gateway
import Glibc

/// `sluice run`: runs the configured pipelines until a signal ends it.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the configured pipelines (the default command).")

  @OptionGroup var config: ConfigArguments

  func run() async throws {
    let configuration = try config.load()
    // A reader of standard output that goes away must not end the gateway.
    signal(SIGPIPE, SIG_IGN)
    let lostRecords: Int
    do {
      lostRecords = try await Gateway.run(configuration)
    } catch {
      writeToStandardError("error: \(error)")
      throw ExitCode.failure
    }
    if lostRecords > 0 { throw ExitCode.failure }
  }
}
