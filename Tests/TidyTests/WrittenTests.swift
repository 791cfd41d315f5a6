import Foundation
import Testing

/// What is written: line lengths, reasons, links, tests by name.
@Suite struct WrittenTests {
  private static let widest = 120

  /// Of tests only comments have to fit: cases in strings are as long as they are.
  @Test func everyLineFits() {
    expectNone(SourceTree.sources.flatMap(Self.tooWide))
    for file in SourceTree.tests {
      let isComment = { (line: Int) in file.lines[line - 1].trimmingCharacters(in: .whitespaces).hasPrefix("//") }
      expectNone(Self.tooWide(file).filter { isComment($0.line) })
    }
  }

  @Test func uncheckedAccessAndSwallowedErrorsHaveAReason() {
    expectNone(SourceTree.sources.flatMap(Self.withoutReason))
  }

  @Test func linksOfPagesResolve() {
    #expect(SourceTree.pages.count > 10)
    expectNone(SourceTree.pages.flatMap(Self.brokenLinks))
  }

  @Test func sourcesOfSomeSizeHaveTheirTest() {
    expectNone(Self.withoutTest(SourceTree.sources, among: SourceTree.tests))
  }

  @Test func theChangelogHasWhatIsUnreleased() throws {
    let page = try #require(SourceTree.pages.first { $0.path == "CHANGELOG.md" })
    let start = try #require(page.lines.firstIndex(of: "## Unreleased"))
    let entries = page.lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }.filter { $0.hasPrefix("- ") }
    #expect(!entries.isEmpty)
  }

  @Test func aLineTooWideIsFound() {
    let fits = "// " + String(repeating: "x", count: 117)
    #expect(Self.tooWide(SourceFile(path: "a", text: "\(fits)\n\(fits)x")).map(\.line) == [2])
  }

  @Test func aMissingReasonIsFound() {
    let text = "// It has as many.\nlet a = b[unchecked: 1]\n\nlet c = d.unsafelyUnwrapped\ndo { try e() } catch {}"
    #expect(Self.withoutReason(of: SourceFile(path: "a", text: text)).map(\.line) == [4, 5])
    #expect(Self.withoutReason(of: SourceFile(path: "a", text: "do { try e() } catch {}  // It is gone.")).isEmpty)
  }

  @Test func aSourceWithoutTestIsFound() {
    let long = String(repeating: "let a = 1\n", count: 100)
    let names = ["Tested", "Whole+Part", "Part+Tested", "Untested", "Other+Part"]
    let sources = names.map { SourceFile(path: "Sources/A/\($0).swift", text: long) }
    let short = SourceFile(path: "Sources/A/Short.swift", text: String(long.dropLast(10)))
    let tests = ["Tested", "Whole", "Part+Tested", "Other+Whole", "Unteste"].map {
      SourceFile(path: "Tests/ATests/\($0)Tests.swift", text: "")
    }
    let found = Self.withoutTest(sources + [short], among: tests)
    #expect(found.map(\.path) == ["Sources/A/Untested.swift", "Sources/A/Other+Part.swift"])
  }

  @Test func aBrokenLinkIsFound() {
    let text = "# One two\n[a](README.md) [b](#one-two) [c](nowhere.md)\n[d](#nothing) [e](https://example.org)"
    let found = Self.brokenLinks(of: SourceFile(path: "MADE_UP.md", text: text))
    #expect(found.map(\.text) == ["no file nowhere.md", "no heading nothing in MADE_UP.md"])
  }

  /// Sources of at least so many lines have a test file of their name; that of a type has its parts too
  /// (`TypeTests` for `Type+Part`).
  private static let untestedLines = 100

  private static func withoutTest(_ sources: [SourceFile], among tests: [SourceFile]) -> [Finding] {
    let names = Set(tests.map(\.name))
    return sources.compactMap { file in
      // The end of the last line begins another, which is empty.
      let count = file.lines.count - 1
      let type = file.name.prefix { $0 != "+" }
      guard count >= untestedLines, !names.contains("\(file.name)Tests"), !names.contains("\(type)Tests") else {
        return nil
      }
      return Finding(path: file.path, line: 1, text: "\(count) lines without \(file.name)Tests.swift")
    }
  }

  private static func tooWide(_ file: SourceFile) -> [Finding] {
    file.lines.enumerated().filter { $0.element.count > widest }
      .map { Finding(path: file.path, line: $0.offset + 1, text: "\($0.element.count) columns, at most \(widest)") }
  }

  /// Lines that skip a check or swallow an error without a comment on them or right above.
  private static func withoutReason(of file: SourceFile) -> [Finding] {
    let marks = ["unsafelyUnwrapped", "[unchecked:", "catch {}"]
    return file.code.enumerated().compactMap { index, line in
      guard let mark = marks.first(where: line.contains) else { return nil }
      let isExplained = file.lines[index].contains("//") || isExplained(file, above: index, mark: mark)
      return isExplained ? nil : Finding(path: file.path, line: index + 1, text: "\(mark) without a reason")
    }
  }

  /// Whether a comment stands above a line, or above the lines before it that do the same.
  private static func isExplained(_ file: SourceFile, above index: Int, mark: String) -> Bool {
    var above = index - 1
    while above >= 0, file.code[above].contains(mark) { above -= 1 }
    return above >= 0 && file.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("//")
  }

  /// Links of a page to files of the project and headings of pages that are not there.
  private static func brokenLinks(of page: SourceFile) -> [Finding] {
    page.lines.enumerated().flatMap { index, line in
      targets(of: line).compactMap { target in
        problem(with: target, on: page).map { Finding(path: page.path, line: index + 1, text: $0) }
      }
    }
  }

  /// What stands in the round brackets of a line's links.
  private static func targets(of line: String) -> [String] {
    line.components(separatedBy: "](").dropFirst().compactMap { $0.components(separatedBy: ")").first }
      .map { String($0.prefix { $0 != " " }) }
      .filter { !$0.contains("://") && !$0.hasPrefix("mailto:") }
  }

  private static func problem(with target: String, on page: SourceFile) -> String? {
    let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let folder = (page.path as NSString).deletingLastPathComponent
    let file = parts[0].isEmpty ? page.path : (folder as NSString).appendingPathComponent(parts[0])
    let url = SourceTree.root.appendingPathComponent(file).standardizedFileURL
    guard parts[0].isEmpty || FileManager.default.fileExists(atPath: url.path) else { return "no file \(parts[0])" }
    guard parts.count == 2, parts[0].isEmpty || url.pathExtension == "md" else { return nil }
    let lines = parts[0].isEmpty ? page.lines : SourceFile(url).lines
    return lines.contains { anchor(of: $0) == parts[1] } ? nil : "no heading \(parts[1]) in \(file)"
  }

  /// A heading as links name it: lower case, spaces to hyphens, other marks dropped.
  private static func anchor(of line: String) -> String? {
    guard line.hasPrefix("#") else { return nil }
    let text = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
    return String(text.compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || "-_".contains($0) ? $0 : nil })
  }
}
