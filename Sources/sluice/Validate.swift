import ArgumentParser
import Gateway

/// `sluice validate`: checks the configuration and shows every problem at once.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Check the configuration without running it.")

  @OptionGroup var config: ConfigArguments

  @Flag(help: "Take warnings for errors.")
  var strict = false

  func run() throws {
    let configuration = try config.load(forThisMachine: true)
    let warnings = configuration.warnings.count
    if strict, warnings > 0 {
      writeToStandardError("error: \(counted(warnings, "warning")), and --strict takes none")
      throw ExitCode.invalidConfiguration
    }
    let pipelines = configuration.service.pipelines.map(\.id.description).joined(separator: ", ")
    print("The configuration is valid: \(pipelines).")
  }
}
