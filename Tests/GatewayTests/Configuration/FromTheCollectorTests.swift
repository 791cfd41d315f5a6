import Foundation
import Options
import Testing

@testable import Gateway

/// `docs/FROM_THE_COLLECTOR.md` against what the gateway has.
@Suite struct FromTheCollectorTests {
  private let sections: [String: String]

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appendingPathComponent("docs/FROM_THE_COLLECTOR.md"), encoding: .utf8)
    let parts = page.components(separatedBy: "\n## ").dropFirst().map { part in
      (String(part.prefix { $0 != "\n" }), part)
    }
    sections = Dictionary(uniqueKeysWithValues: parts)
  }

  /// What stands in backticks.
  private func names(_ text: some StringProtocol) -> [String] {
    text.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
  }

  @Test(arguments: ComponentKind.allCases) func whatRunsUnchangedIsThere(_ kind: ComponentKind) throws {
    let section = try #require(sections["What runs unchanged"])
    let row = try #require(section.split(separator: "\n").first { $0.hasPrefix("| \(kind.rawValue) |") })
    let known = ComponentRegistry.standard.types(kind).map(\.name)
    let named = names(row)
    #expect(!named.isEmpty && Set(named).subtracting(known).isEmpty)
    let accepted = names(try #require(sections["What is accepted with a warning"]))
    let missing = Set(known).intersection(CollectorComponents.names(kind)).subtracting(named).subtracting(accepted)
    #expect(missing.sorted() == [])
  }

  @Test(arguments: ["zpages", "pprof", "opamp", "memory_ballast"]) func whatIsAcceptedIsThere(_ name: String) throws {
    #expect(names(try #require(sections["What is accepted with a warning"])).contains(name))
    #expect(ComponentRegistry.standard.extensions[name] != nil)
  }

  @Test func whatIsRefusedIsNotThere() throws {
    let rows = try #require(sections["What is refused, and what to write instead"]).split(separator: "\n")
    let refused = rows.filter { $0.hasPrefix("| exporter") }.flatMap { names($0.split(separator: "|").first ?? "") }
    #expect(refused.count > 5)
    for name in refused { #expect(ComponentRegistry.standard.exporters[name] == nil, "\(name)") }
  }
}
