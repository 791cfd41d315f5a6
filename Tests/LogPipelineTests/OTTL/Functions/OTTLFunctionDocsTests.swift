import Files
import Testing

@testable import LogPipeline

/// docs/OTTL_FUNCTIONS.md has every function, with the parameters that it has.
@Suite struct OTTLFunctionDocsTests {
  /// A function as the page shows it; its parameters only if they are written out.
  private struct Shown {
    let name: String
    let parameters: [String]?

    /// Code such as `set(target, value)` or `IsMap`; nil for another.
    init?(_ code: Substring) {
      let parts = code.split(separator: "(", maxSplits: 1)
      guard let name = parts.first, code.first != "(", name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
      else { return nil }
      self.name = String(name)
      guard code.contains("("), !code.contains("=>"), !code.contains("…") else {
        parameters = nil
        return
      }
      parameters = parts.count < 2 ? [] : parts[1].dropLast().split(separator: ", ").map(String.init)
    }
  }

  /// The functions in the first column of the page's tables, and in the text about hashes.
  private static func shown() throws -> [Shown] {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(5).joined(separator: "/")
    let page = String(decoding: try readFile("\(root)/docs/OTTL_FUNCTIONS.md", maxBytes: 1 << 20), as: UTF8.self)
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.contains("## Differences") }
    let hashes = lines.firstIndex { $0.hasPrefix("## Converters to hashes") } ?? lines.endIndex
    let cells = lines.filter { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "|").first { $0 != "" } }
    let text = cells.joined(separator: "\n") + lines[hashes...].joined(separator: "\n")
    let codes = text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
    return codes.compactMap { Shown($0.element) }
  }

  @Test func everyFunctionIsShown() throws {
    let names = try Self.shown().map(\.name)
    #expect(Set(names) == OTTLFunctionTable.all.names)
    #expect(names.count == Set(names).count)
  }

  @Test func parametersAreThoseOfTheFunction() throws {
    for shown in try Self.shown() {
      guard let parameters = shown.parameters, let function = OTTLFunctionTable.all[shown.name]?.function else {
        continue
      }
      let expected = function.parameters.map { $0.isOptional ? "\($0.name)?" : $0.name }
      #expect(parameters == expected, "\(shown.name)")
    }
  }
}
