import Foundation

/// Initialisers with labels, and the calls that may be theirs.
///
/// It is no compiler: a call counts for every initialiser that its labels fit, unless it names another type. So an
/// initialiser that is used is never told to be without use; one without use may go untold if calls of others look like
/// calls of it.
struct Initialisers {
  /// A declared initialiser.
  struct Declared {
    let path: String
    let line: Int
    let type: String
    let labels: [Label]

    var name: String { "\(type).init(\(labels.map { "\($0.name):" }.joined()))" }
  }

  /// A parameter's label; `_` if it has none.
  struct Label {
    let name: String
    let isOptional: Bool
    let isClosure: Bool
  }

  /// A call of what may be an initialiser: `Name(…)`, `Name.init(…)`, `.init(…)`, `Name {…}`, `Name.init`.
  private struct Call {
    enum Form {
      case brackets
      /// A closure follows, which may stand for arguments that are missing.
      case bracketsAndClosure
      /// There is nothing but a closure, or what looks like one.
      case closure
      /// The initialiser is named and not called.
      case reference
    }

    /// The type that it names; nil if that is not written there.
    let type: String?
    var labels: [String] = []
    let form: Form
  }

  let declared: [Declared]
  private let calls: [Call]
  /// Names that stand for types which are not written there.
  private let aliases: Set<String>

  init(of sources: [SourceFile], usedBy users: [SourceFile]) {
    declared = sources.flatMap(Self.declarations)
    aliases = Set(sources.flatMap { $0.code.flatMap(Self.aliases) })
    calls = (sources + users).flatMap { file in
      Self.texts(of: file).flatMap { Self.calls(in: $0) }
    }
  }

  /// Initialisers with labels that no call fits.
  var unused: [Declared] {
    declared.filter { initialiser in
      initialiser.labels.contains { $0.name != "_" } && !calls.contains { fits($0, initialiser) }
    }
  }

  private func fits(_ call: Call, _ initialiser: Declared) -> Bool {
    // What names another type is that type's, unless it is only a name that stands for one.
    if let type = call.type, type != initialiser.type, !aliases.contains(type) { return false }
    if call.form == .reference { return true }
    var given = call.labels[...]
    for label in initialiser.labels {
      if given.first == label.name {
        given.removeFirst()
      } else if !label.isOptional, call.form != .bracketsAndClosure, call.form != .closure || !label.isClosure {
        return false
      }
    }
    return given.isEmpty
  }
}

// Declarations.
extension Initialisers {
  private static func declarations(in file: SourceFile) -> [Declared] {
    var scopes: [(indent: Int, type: String)] = []
    var found: [Declared] = []
    for (index, line) in file.code.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      if line.allSatisfy({ $0 == " " }) { continue }
      scopes.removeAll { $0.indent >= indent }
      if let type = typeDeclared(in: line) { scopes.append((indent, type)) }
      guard let type = scopes.last?.type, let rest = afterInit(line) else { continue }
      let text = ([rest] + file.code[(index + 1)...]).joined(separator: "\n")
      guard let parameters = arguments(of: Array(text)[...]) else { continue }
      let labels = parameters.list.map { parameter in
        Label(
          name: label(of: parameter, endsAt: [":", " "]) ?? "_", isOptional: hasDefault(parameter),
          isClosure: String(parameter).contains("->"))
      }
      found.append(Declared(path: file.path, line: index + 1, type: type, labels: labels))
    }
    return found
  }

  /// What follows `init` in the line of a declaration, from its bracket on.
  private static func afterInit(_ line: String) -> String? {
    let words = line.split(separator: " ", omittingEmptySubsequences: true)
    let modifiers: Set<Substring> = [
      "package", "public", "private", "fileprivate", "internal", "convenience", "required", "override", "mutating",
      "nonisolated",
    ]
    guard let word = words.first(where: { !modifiers.contains($0) && !$0.hasPrefix("@") }), word.hasPrefix("init"),
      let at = line.range(of: "init")
    else { return nil }
    let rest = line[at.upperBound...].drop { $0 == "?" || $0 == "!" }
    if rest.hasPrefix("(") { return String(rest) }
    // Its generic parameters, which have no brackets of this kind.
    guard rest.hasPrefix("<"), let bracket = rest.firstIndex(of: "(") else { return nil }
    return String(rest[bracket...])
  }

  private static let kinds: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "extension"]

  /// The type that a line declares or extends.
  private static func typeDeclared(in line: String) -> String? {
    let words = line.split { !($0.isLetter || $0.isNumber || "_.[<".contains($0)) }
    guard let kind = words.firstIndex(where: { kinds.contains($0) }), kind + 1 < words.count else { return nil }
    let name = words[kind + 1].prefix { $0 != "<" && $0 != "[" }.split(separator: ".").last ?? "Array"
    return name.first?.isUppercase == true ? String(name) : nil
  }

  /// The names that a line gives to types: aliases and generic parameters.
  private static func aliases(in line: String) -> [String] {
    let words = line.split { !isName($0) }
    let named = zip(words, words.dropFirst()).filter { $0.0 == "typealias" || $0.0 == "associatedtype" }.map(\.1)
    guard line.contains("<"), !words.isEmpty else { return named.map(String.init) }
    let generic = line.firstMatch(of: /\b(?:func|struct|class|enum|actor|init)\b *\w*[?!]?<([^>]*)>/)?.output.1 ?? ""
    let parameters = generic.split(separator: ",").compactMap { $0.split { !isName($0) }.first }
    return (named + parameters).map(String.init)
  }

  /// Whether a parameter has a default value.
  private static func hasDefault(_ parameter: [Character]) -> Bool {
    var depth = 0
    for (index, character) in parameter.enumerated() {
      if "([{".contains(character) { depth += 1 }
      if ")]}".contains(character) { depth -= 1 }
      let next = index + 1 < parameter.count ? parameter[index + 1] : " "
      let previous = index > 0 ? parameter[index - 1] : " "
      if depth == 0, character == "=", next == " ", previous == " " { return true }
    }
    return false
  }
}

// Calls.
extension Initialisers {
  /// The code of a file, and what its string literals insert.
  private static func texts(of file: SourceFile) -> [[Character]] {
    let inserted = zip(file.namesInCode, file.code).map { String($0.dropFirst($1.count)) }.filter { !$0.isEmpty }
    return [Array(file.code.joined(separator: "\n"))] + inserted.map(Array.init)
  }

  private static func calls(in text: [Character]) -> [Call] {
    var calls: [Call] = []
    var index = 0
    while index < text.count {
      guard isName(text[index]) else {
        index += 1
        continue
      }
      let start = index
      while index < text.count, isName(text[index]) { index += 1 }
      let word = String(text[start..<index])
      if let call = call(of: word, text, from: start, to: index) { calls.append(call) }
    }
    return calls
  }

  private static func call(of word: String, _ text: [Character], from start: Int, to end: Int) -> Call? {
    let isInit = word == "init"
    guard isInit || word.first?.isUppercase == true else { return nil }
    let before = wordBefore(start, in: text)
    // Without a dot it is a declaration.
    if isInit { guard start > 0, text[start - 1] == "." else { return nil } }
    let type = isInit ? before.flatMap { $0.first?.isUppercase == true && $0 != "Self" ? $0 : nil } : word
    let named = type == "Self" ? nil : type
    guard let bracket = bracket(after: end, in: text), let arguments = arguments(of: text[bracket...]) else {
      if text[end...].prefix(2) == [" ", "{"] { return Call(type: named, form: .closure) }
      return isInit ? Call(type: named, form: .reference) : nil
    }
    let labels = arguments.list.flatMap { argument in references(in: argument) ?? [label(of: argument) ?? "_"] }
    let rest = text[(bracket + arguments.length)...].drop { $0 == " " || $0 == "\n" }
    return Call(type: named, labels: labels, form: rest.first == "{" ? .bracketsAndClosure : .brackets)
  }

  /// The labels of a reference such as `init(first:second:)`.
  private static func references(in argument: [Character]) -> [String]? {
    let text = String(argument).trimmingCharacters(in: .whitespacesAndNewlines)
    guard text.hasSuffix(":"), text.allSatisfy({ isName($0) || $0 == ":" }) else { return nil }
    return text.split(separator: ":").map(String.init)
  }

  private static func isName(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  /// The name before the dot before a place.
  private static func wordBefore(_ place: Int, in text: [Character]) -> String? {
    guard place > 0, text[place - 1] == "." else { return nil }
    let name = text[..<(place - 1)].reversed().prefix(while: isName)
    return name.isEmpty ? nil : String(name.reversed())
  }

  /// Where the bracket of a call stands that follows at once, or after generic arguments.
  private static func bracket(after end: Int, in text: [Character]) -> Int? {
    var index = end
    if index < text.count, text[index] == "<" {
      var depth = 0
      while index < text.count {
        if text[index] == "<" { depth += 1 }
        if text[index] == ">", text[index - 1] != "-" { depth -= 1 }
        index += 1
        if depth == 0 { break }
      }
    }
    return index < text.count && text[index] == "(" ? index : nil
  }

  /// What stands in the brackets at the beginning, parted by commas, and how long it is with its brackets.
  private static func arguments(of text: ArraySlice<Character>) -> (list: [[Character]], length: Int)? {
    var (depth, angles) = (0, 0)
    var list: [[Character]] = []
    var current: [Character] = []
    var previous: Character = " "
    for (index, character) in text.enumerated() {
      defer { previous = character }
      // Only generic arguments follow a name at once: around comparisons there is room.
      if character == "<", isName(previous) { angles += 1 }
      if character == ">", angles > 0, previous != " ", previous != "-" { angles -= 1 }
      if ")]}".contains(character) { depth -= 1 }
      if depth == 0 {
        if index > 0 {
          if !current.allSatisfy(\.isWhitespace) { list.append(current) }
          return (list, index + 1)
        }
      } else if depth == 1, angles == 0, character == "," {
        list.append(current)
        current = []
      } else {
        current.append(character)
      }
      if "([{".contains(character) { depth += 1 }
    }
    return nil
  }

  /// The word at the beginning of an argument, if a colon follows it, or whatever else ends a label.
  private static func label(of argument: [Character], endsAt ends: Set<Character> = [":"]) -> String? {
    let text = argument.drop { $0.isWhitespace }
    let word = text.prefix { isName($0) || $0 == "`" }
    guard let end = text.dropFirst(word.count).first, ends.contains(end), !word.isEmpty else { return nil }
    return String(word.filter { $0 != "`" })
  }
}
