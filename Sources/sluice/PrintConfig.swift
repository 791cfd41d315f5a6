import ArgumentParser
import Gateway

/// `sluice print-config`: shows the effective configuration, defaults included, secrets redacted.
struct PrintConfig: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "print-config",
    abstract: "Print the effective configuration: sources merged, defaults filled in, secrets redacted.")

  @OptionGroup var config: ConfigArguments

  @Flag(help: "Print every component's options at their defaults, with types and explanations, instead.")
  var reference = false

  func run() throws {
    print(reference ? ComponentRegistry.standard.reference() : try config.load().effectiveYAML(), terminator: "")
  }
}
