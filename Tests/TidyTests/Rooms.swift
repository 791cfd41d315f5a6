import Foundation

/// Which folders of a module name what others declare, as its code tells.
///
/// What counts as declared is a type at the top of a file, or one level deep in an extension there (`X.Y`); types that
/// only their file sees do not count. A name counts wherever it stands in code as a word of its own, unless the file
/// declares a type of that name itself, or a dot stands before it.
struct Rooms {
  private let module: String
  private let folders: Set<String>
  /// By folder and the other folder: names of the other, with a file that has them.
  private let names: [String: [String: [String: String]]]

  init(of module: String, in sources: [SourceFile]) {
    let files = sources.filter { $0.target == module }.map { Room(file: $0, module: module) }
    self.module = module
    folders = Set(files.map(\.folder))
    var homes: [String: String] = [:]
    for file in files {
      for name in file.declared { homes[name] = file.folder }
    }
    var names: [String: [String: [String: String]]] = [:]
    for file in files {
      for name in file.named {
        guard let home = homes[name], home != file.folder else { continue }
        names[file.folder, default: [:]][home, default: [:]][name] = file.path
      }
    }
    self.names = names
  }

  /// What is wrong with the code, or with the table; one line each.
  func problems(with table: [String: Set<String>]) -> [String] {
    folders.union(table.keys).sorted().flatMap { problems(of: $0, table[$0]) } + circles(in: table)
  }

  private func problems(of folder: String, _ allowed: Set<String>?) -> [String] {
    guard let allowed else { return ["\(module)/\(folder) is not in the table"] }
    guard folders.contains(folder) else { return ["\(module)/\(folder) is in the table and has no files"] }
    let used = names[folder] ?? [:]
    let forbidden = used.sorted { $0.key < $1.key }.filter { !allowed.contains($0.key) }.flatMap { home, found in
      found.sorted { $0.key < $1.key }.map { "\(module)/\(folder) must not name \($0) of \(home) (\($1))" }
    }
    let unused = allowed.subtracting(used.keys).sorted().map { "\(module)/\(folder) names nothing of \($0) any more" }
    return forbidden + unused
  }

  /// The first circle of a table, which the code must not have either.
  private func circles(in table: [String: Set<String>]) -> [String] {
    var done: Set<String> = []
    func search(_ folder: String, _ path: [String]) -> [String]? {
      if let start = path.firstIndex(of: folder) { return Array(path[start...]) + [folder] }
      if done.contains(folder) { return nil }
      for next in (table[folder] ?? []).sorted() {
        if let circle = search(next, path + [folder]) { return circle }
      }
      done.insert(folder)
      return nil
    }
    for folder in table.keys.sorted() {
      if let circle = search(folder, []) { return ["\(module): \(circle.joined(separator: " -> ")) is a circle"] }
    }
    return []
  }
}

/// One file: where it stands, what it declares and what it names.
private struct Room {
  let path: String
  let folder: String
  private(set) var declared: Set<String> = []
  private(set) var named: Set<String> = []

  private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "actor", "typealias"]

  init(file: SourceFile, module: String) {
    path = file.path
    let inside = file.path.split(separator: "/").dropFirst(2).dropLast()
    folder = inside.isEmpty ? "." : inside.joined(separator: "/")
    var own: Set<String> = []
    var extended: String?
    for line in file.code where !Self.isImport(line) {
      let words = Self.words(of: line.replacingOccurrences(of: "\(module).", with: ""))
      let indent = line.prefix { $0 == " " }.count
      if indent == 0, !words.isEmpty { extended = Self.extended(by: words) }
      if let name = Self.typeDeclared(by: words) {
        own.insert(name)
        let isHidden = words.contains("private") || words.contains("fileprivate")
        if indent == 0, !isHidden { declared.insert(name) }
        if indent == 2, !isHidden, let extended { declared.insert("\(extended).\(name)") }
      }
      for (index, word) in words.enumerated() {
        if word.hasPrefix(".") {
          if index > 0 { named.insert(words[index - 1] + word) }
        } else {
          named.insert(word)
        }
      }
    }
    named.subtract(own)
    named.subtract(declared)
  }

  /// Whether a line names another module, and perhaps what of it: none of this module's own types.
  private static func isImport(_ line: String) -> Bool { line.split(separator: " ").prefix(2).contains("import") }

  /// The identifiers of a line, with a dot before those that have one.
  private static func words(of line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var previous: Character = " "
    for character in line + " " {
      if character.isLetter || character.isNumber || character == "_" {
        if word.isEmpty, previous == "." { word = "." }
        word.append(character)
      } else {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      previous = character
    }
    return words
  }

  private static func typeDeclared(by words: [String]) -> String? {
    guard let keyword = words.firstIndex(where: kinds.contains), keyword + 1 < words.count else { return nil }
    // `class func` and `class var` declare no type.
    let name = words[keyword + 1]
    return name.first?.isUppercase == true ? name : nil
  }

  private static func extended(by words: [String]) -> String? {
    guard let keyword = words.firstIndex(of: "extension"), keyword + 1 < words.count else { return nil }
    return words[keyword + 1]
  }
}
