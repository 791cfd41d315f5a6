import ArgumentParser
import Gateway

/// `sluice schema`: a JSON Schema of the configuration.
struct Schema: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a JSON Schema of the configuration, for editors that complete and explain its options.")

  func run() { print(ComponentRegistry.standard.schema(), terminator: "") }
}
