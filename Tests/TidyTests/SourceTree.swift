import Foundation

/// The project's own Swift files, read from where this test was compiled.
enum SourceTree {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every Swift file below a folder of the project, paths relative to the root, sorted.
  static func files(below folder: String) -> [SourceFile] {
    let base = root.appendingPathComponent(folder)
    guard let walker = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else { return [] }
    return walker.compactMap { $0 as? URL }
      .filter { $0.pathExtension == "swift" }
      .map { SourceFile($0) }
      .sorted { $0.path < $1.path }
  }

  static let sources = files(below: "Sources")
  static let tests = files(below: "Tests")
  /// What is built beside the gateway from its sources: it uses them, so that what it names is no dead code.
  static let tools = files(below: "Fuzz") + files(below: "Benchmarks")

  /// The project's pages: those at the root, and those below the folders that have some; paths relative to the root.
  static let pages: [SourceFile] = {
    let atRoot = (try? FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)) ?? []
    let below = ["docs", "config", "proto", "deploy", "Benchmarks", "Tests"].flatMap { folder in
      (FileManager.default.enumerator(at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil))
        .map { $0.compactMap { $0 as? URL } } ?? []
    }
    return (atRoot + below).filter { $0.pathExtension == "md" }.map { SourceFile($0) }.sorted { $0.path < $1.path }
  }()
}

/// One Swift file: its lines, and the same lines with string literals and comments blanked.
struct SourceFile: Sendable {
  let path: String
  let lines: [String]
  let code: [String]

  init(_ url: URL) {
    let root = SourceTree.root.path + "/"
    self.init(
      path: url.path.hasPrefix(root) ? String(url.path.dropFirst(root.count)) : url.path,
      text: (try? String(contentsOf: url, encoding: .utf8)) ?? "")
  }

  /// A file at a path relative to the root, with this text.
  init(path: String, text: String) {
    self.path = path
    lines = text.components(separatedBy: "\n")
    code = Self.blanked(lines)
  }

  /// The target of a file below `Sources` or `Tests`.
  var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
  /// The file's name without its ending.
  var name: String { (path as NSString).lastPathComponent.replacingOccurrences(of: ".swift", with: "") }

  /// The modules that the file imports, with the lines.
  var imports: [(line: Int, module: String)] {
    code.enumerated().compactMap { index, line in
      let words = line.split(separator: " ").map(String.init)
      guard let keyword = words.firstIndex(of: "import"), keyword <= 2, keyword + 1 < words.count else { return nil }
      let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      let name = kinds.contains(words[keyword + 1]) ? words.last ?? "" : words[keyword + 1]
      return (index + 1, name.split(separator: ".").first.map(String.init) ?? name)
    }
  }

  /// The code with what string literals insert: `"a \(b)"` names b.
  var namesInCode: [String] { zip(lines, code).map { line, code in code + Self.inserted(by: line) } }

  /// What stands between `\(` and the bracket that closes it, for each of a line's insertions.
  private static func inserted(by line: String) -> String {
    line.components(separatedBy: "\\(").dropFirst().map { text in
      var depth = 1
      return " "
        + text.prefix { character in
          depth += character == "(" ? 1 : character == ")" ? -1 : 0
          return depth > 0
        }
    }.joined()
  }

  private static func blanked(_ lines: [String]) -> [String] {
    var inText = false
    return lines.map { line in
      if line.contains("\"\"\"") {
        inText.toggle()
        return ""
      }
      return inText ? "" : blanked(line)
    }
  }

  /// The line without what stands in quotes or after `//`.
  private static func blanked(_ line: String) -> String {
    var result = ""
    var inString = false
    var previous: Character = " "
    for character in line {
      if character == "\"" && previous != "\\" { inString.toggle() }
      if !inString && character == "/" && previous == "/" { return String(result.dropLast()) }
      if !inString { result.append(character) }
      previous = previous == "\\" && character == "\\" ? " " : character
    }
    return result
  }
}
