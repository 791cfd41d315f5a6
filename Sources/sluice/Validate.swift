import ArgumentParser
import Gateway

/// `sluice validate`: checks the configuration and shows every problem at once.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Check the configuration without running it.")

  @OptionGroup var config: ConfigArguments

  func run() throws {
    let configuration = try config.load(forThisMachine: true)
    let pipelines = configuration.service.pipelines.map(\.id.description).joined(separator: ", ")
    print("The configuration is valid: \(pipelines).")
  }
}
