import ArgumentParser
import Gateway
import Options

/// `sluice components`: lists what can be configured.
struct Components: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the components that can be configured.")

  func run() throws {
    for kind in ComponentKind.allCases {
      let types = ComponentRegistry.standard.types(kind)
      if types.isEmpty { continue }
      print("\(kind.rawValue):")
      for (name, options) in types { print("  \(name): \(options.doc)") }
    }
  }
}
