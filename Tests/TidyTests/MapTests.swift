import Foundation
import Testing

/// The table of folders in docs/ARCHITECTURE.md against the folders that there are.
@Suite struct MapTests {
  @Test func theMapHasEveryFolderAndNoOther() throws {
    let page = try #require(SourceTree.pages.first { $0.path == "docs/ARCHITECTURE.md" })
    let folders = Set(SourceTree.sources.map { ($0.path as NSString).deletingLastPathComponent })
    #expect(Self.problems(of: page.lines, with: folders) == [])
  }

  @Test func aFolderThatIsNotOnTheMapIsFound() {
    let folders: Set = ["Sources/A/Low", "Sources/A/High/Attic", "Sources/A/Low/Cellar", "Sources/B"]
    #expect(Self.problems(of: ["| `Sources/A/Low`, `High` | both |"], with: folders) == [])
    #expect(Self.problems(of: ["| `Sources/A/Low` | one |"], with: folders) == ["Sources/A/High is not on the map"])
    #expect(Self.problems(of: ["| `Sources/B` | `Low`, `High` |"], with: folders).count == 2)
  }

  @Test func aFolderThatIsGoneIsFound() {
    #expect(
      Self.problems(of: ["| `Sources/A/Low`, `High` | both |"], with: ["Sources/A/Low"])
        == ["Sources/A/High is on the map and has no files"])
  }

  /// The folders of modules that no row names, and those of rows that are gone. A row of a folder speaks for what is
  /// below it; a module whose files lie in no folders needs none.
  private static func problems(of page: [String], with folders: Set<String>) -> [String] {
    let named = Set(page.flatMap(names))
    let rooms = Set(folders.map { $0.split(separator: "/").prefix(3) }.filter { $0.count == 3 }.map(path))
    let missing = rooms.subtracting(named).sorted().map { "\($0) is not on the map" }
    let gone = named.filter { name in !folders.contains { "\($0)/".hasPrefix("\(name)/") } }.sorted()
    return missing + gone.map { "\($0) is on the map and has no files" }
  }

  /// The folders that a row of the table names in its first column: `Sources/Module/Folder`, and others beside it.
  private static func names(of row: String) -> [String] {
    let columns = row.components(separatedBy: "|")
    guard columns.count > 2, columns[1].hasPrefix(" `Sources/") else { return [] }
    let quoted = columns[1].components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    guard let first = quoted.first else { return [] }
    return [first] + quoted.dropFirst().map { path(first.split(separator: "/").dropLast() + [$0[...]]) }
  }

  private static func path(_ parts: some Sequence<Substring>) -> String { parts.joined(separator: "/") }
}
