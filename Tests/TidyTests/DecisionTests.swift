import Foundation
import Testing

/// Sources that are harder to read than they could be name the decision that says why, and decisions name sources that
/// are there.
@Suite struct DecisionTests {
  private static let decisions = SourceTree.pages.filter { $0.path.hasPrefix("docs/decisions/") }

  @Test func sourcesAndDecisionsNameEachOther() {
    #expect(Self.decisions.count > 10)
    expectNone(Self.problems(SourceTree.sources, Self.decisions))
  }

  private static let line = "// decision: docs/decisions/0001-fast.md"
  private static let decision = SourceFile(
    path: "docs/decisions/0001-fast.md", text: "# 0001\n`Quick` and `Quick.run` and `Part+Way.swift`: `Other` is none.")

  private func problems(_ sources: [String: String]) -> [String] {
    let files = sources.sorted { $0.key < $1.key }.map { SourceFile(path: "Sources/A/\($0.key).swift", text: $0.value) }
    return Self.problems(files, [Self.decision]).map(\.description)
  }

  @Test func whatNamesEachOtherHasNoProblem() {
    #expect(problems(["Quick": "\(Self.line)\n\nstruct Quick {}", "Part+Way": "\(Self.line)\nimport A"]) == [])
    // A source may name a decision that does not name it.
    #expect(problems(["More": "\(Self.line)\n"]) == [])
  }

  @Test func aSourceThatDoesNotNameItsDecisionIsFound() {
    #expect(
      problems(["Quick": "struct Quick {}", "Part+Way": "import A\n\(Self.line)"]) == [
        "Sources/A/Part+Way.swift:2: the line of a decision stands at the head of its file",
        "Sources/A/Part+Way.swift:1: docs/decisions/0001-fast.md names this source: \(Self.line)",
        "Sources/A/Quick.swift:1: docs/decisions/0001-fast.md names this source: \(Self.line)",
      ])
  }

  @Test func aDecisionThatIsNotThereIsFound() {
    let gone = "// decision: docs/decisions/0002-gone.md"
    #expect(problems(["A": "\(gone)\n"]) == ["Sources/A/A.swift:1: there is no docs/decisions/0002-gone.md"])
  }

  private static func problems(_ sources: [SourceFile], _ decisions: [SourceFile]) -> [Finding] {
    let paths = Set(decisions.map(\.path))
    return sources.flatMap { file -> [Finding] in
      let head = file.lines.prefix { $0.hasPrefix("// decision: ") }.map { String($0.dropFirst("// decision: ".count)) }
      let late = file.lines.enumerated().dropFirst(head.count).filter { $0.element.contains("// decision: ") }
      return late.map { finding(file, $0.offset + 1, "the line of a decision stands at the head of its file") }
        + head.enumerated().filter { !paths.contains($0.element) }
        .map { finding(file, $0.offset + 1, "there is no \($0.element)") }
        + decisions.filter { names($0).contains(file.name) && !head.contains($0.path) }
        .map { finding(file, 1, "\($0.path) names this source: // decision: \($0.path)") }
    }
  }

  private static func finding(_ file: SourceFile, _ line: Int, _ text: String) -> Finding {
    Finding(path: file.path, line: line, text: text)
  }

  /// What may be names of sources in a page: `Name`, `Name.swift`, `Type+Part` and `Type.member`.
  private static func names(_ page: SourceFile) -> Set<String> {
    let quoted = page.lines.flatMap { line in
      line.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
        .map { String($0.element) }
    }
    return Set(quoted.compactMap { $0.split(separator: ".").first.map(String.init) })
  }
}
