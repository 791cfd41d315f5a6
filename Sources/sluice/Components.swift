import ArgumentParser
import Gateway
import Options

/// `sluice components`: lists what can be configured.
struct Components: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the components that can be configured.")

  func run() throws {
    for kind in ComponentKind.allCases {
      let entries = ComponentRegistry.standard.entries.filter { $0.kind == kind }
      if entries.isEmpty { continue }
      print("\(kind.rawValue):")
      for entry in entries { print("  \(entry.type): \(entry.doc)") }
    }
  }
}
