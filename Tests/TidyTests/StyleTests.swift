import Foundation
import Testing

/// The style of the house, as far as a program can check it.
@Suite struct StyleTests {
  @Test func sourcesWereFound() {
    #expect(SourceTree.sources.count > 20)
    #expect(SourceTree.tests.count > 5)
  }

  @Test func filesAreShortEnoughToRead() {
    for file in SourceTree.sources {
      let count = file.lines.count
      if count > 400 { Issue.record("\(file.path) has \(count) lines, at most 400") }
    }
  }

  @Test func functionsFitOnAScreen() {
    for file in SourceTree.sources {
      for (name, line, length) in functions(of: file) {
        if length > 60 { Issue.record("\(file.path):\(line): \(name) has \(length) lines, at most 60") }
      }
    }
  }

  @Test func nothingThatAPeerInfluencesCanTrap() {
    let forbidden = ["try!", "fatalError(", "preconditionFailure(", "precondition(", "assertionFailure(", " as! "]
    for file in SourceTree.sources {
      for (index, line) in file.code.enumerated() {
        for word in forbidden where line.contains(word) {
          Issue.record("\(file.path):\(index + 1): \(word)")
        }
      }
    }
  }

  @Test func packageDeclarationsSayWhatTheyAre() {
    let kinds = ["struct", "enum", "class", "protocol", "actor"]
    for file in SourceTree.sources {
      for (index, line) in file.code.enumerated() {
        let words = line.split(separator: " ").map(String.init)
        guard words.first == "package", words.contains(where: kinds.contains) else { continue }
        if !isDocumented(file, index) { Issue.record("\(file.path):\(index + 1): no /// above: \(line)") }
      }
    }
  }

  @Test func nothingIsLeftUndone() {
    let marks = ["TODO", "FIXME", "HACK"]
    for file in SourceTree.sources + SourceTree.tests where file.target != "TidyTests" {
      for (index, line) in file.lines.enumerated() {
        for mark in marks where line.contains(mark) {
          Issue.record("\(file.path):\(index + 1): \(mark)")
        }
      }
    }
  }

  @Test func namesSayWhatAThingIs() {
    let vague = ["Util", "Helper", "Manager", "Common", "Misc"]
    for file in SourceTree.sources {
      for word in vague where file.name.contains(word) {
        Issue.record("\(file.path): \(word) says nothing")
      }
    }
  }

  private func isDocumented(_ file: SourceFile, _ index: Int) -> Bool {
    var above = index - 1
    while above >= 0 && file.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") { above -= 1 }
    return above >= 0 && file.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("///")
  }

  /// The functions of a file: name, first line, lines from `func` or `init` to the brace that closes it.
  private func functions(of file: SourceFile) -> [(name: String, line: Int, length: Int)] {
    var found: [(name: String, line: Int, length: Int)] = []
    for (index, line) in file.code.enumerated() {
      guard line.contains("func ") || line.trimmingCharacters(in: .whitespaces).hasPrefix("init(") else { continue }
      let indent = line.prefix { $0 == " " }.count
      let closing = String(repeating: " ", count: indent) + "}"
      guard let end = file.code[index...].firstIndex(of: closing) else { continue }
      let name = line.trimmingCharacters(in: .whitespaces)
      found.append((String(name.prefix(60)), index + 1, end - index + 1))
    }
    return found
  }
}
