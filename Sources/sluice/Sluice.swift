import ArgumentParser
import CSystemCalls
import Gateway
import Glibc

/// Where the process begins.
@main
enum Main {
  static func main() async {
    Process.dieAtOnce()
    prepare_standard_streams()
    if let fault = Process.fault(inArguments: CommandLine.arguments, systems: Process.systemsArguments()) {
      writeToStandardError("error: \(fault)")
      exit(ExitCode.internalError.rawValue)
    }
    await Sluice.main()
  }
}

/// The command line of the gateway.
struct Sluice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "An OpenTelemetry (OTLP) logs gateway.",
    discussion: """
      Exit codes: 0 ok, 1 failure at run time, 64 wrong usage, 70 internal error, 78 invalid configuration.
      """,
    subcommands: [
      Run.self, Validate.self, PrintConfig.self, Components.self, Redact.self, TestCases.self, DeadLetterCommand.self,
      QueueCommand.self, Version.self,
    ],
    defaultSubcommand: Run.self)

  @Flag(name: [.customShort("v"), .customLong("version")], help: "Show the version, the commit and the libraries.")
  var showsVersion = false

  func validate() throws {
    if showsVersion { throw CleanExit.message(BuildInformation.text) }
  }
}

/// `sluice version`: what `--version` shows.
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the version, the commit and the libraries.")

  func run() { print(BuildInformation.text) }
}
