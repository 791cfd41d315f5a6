import ArgumentParser
import CSystemCalls
import Gateway
import Glibc

/// Where the process begins.
@main
enum Main {
  static func main() async {
    // Before any descriptor is opened, which would else stand where a stream is missing.
    prepare_standard_streams()
    Signals.hold()
    Process.dieAtOnce()
    if let fault = Process.fault(inArguments: CommandLine.arguments, systems: Process.systemsArguments()) {
      writeToStandardError("error: \(fault)")
      exit(ExitCode.internalError.rawValue)
    }
    await Sluice.begin(CommandLine.arguments.dropFirst())
  }
}

/// A command that ends in order when a signal asks for it; any other command ends at once.
protocol EndedInOrder {}
extension Run: EndedInOrder {}
extension QueueCommand.Drain: EndedInOrder {}
extension DeadLetterCommand.Replay: EndedInOrder {}
extension Replay: EndedInOrder {}

extension Sluice {
  /// Runs the command that the arguments name, and ends the process if it fails.
  static func begin(_ arguments: some Collection<String>) async {
    do {
      var command = try Self.command(Array(arguments))
      if !(command is any EndedInOrder) { Signals.forget() }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      exit(withError: error)
    }
  }

  /// The command that the arguments name; what cannot be one is told apart in words of this program.
  static func command(_ arguments: [String]) throws -> any ParsableCommand {
    do { return try parseAsRoot(arguments) } catch {
      guard exitCode(for: error) == .validationFailure,
        let problem = UnknownArgument.problem(in: arguments, refusedAs: message(for: error))
      else { throw error }
      throw ValidationError(problem)
    }
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
      Run.self, Validate.self, PrintConfig.self, Schema.self, Components.self, Redact.self, OTTLCommand.self,
      TestCases.self,
      DeadLetterCommand.self,
      QueueCommand.self, Logs.self, TapCommand.self, Replay.self, Probe.self, Version.self,
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
