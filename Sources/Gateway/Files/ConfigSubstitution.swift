import Files
package import Options

/// Puts the values of `${env:X}`, `${env:X:-default}`, `${env:X:?message}`, `${X}` and `${file:/path}` into the scalars
/// of a configuration; `$$` stands for `$`.
///
/// A variable that is not set is nothing, with a warning, as in the Collector: an option that is given nothing but one
/// is as if it were not given. Whatever is put in stays the text of one scalar: it is not searched again and cannot
/// become a list or a map.
package struct ConfigSubstitution {
  /// Looks up an environment variable; nil if it is not set.
  package typealias Environment = (String) -> String?

  private let environment: Environment
  private let limits: ConfigLimits
  private let report: ConfigReport
  /// The files that have been read, or tried.
  private(set) var files = NamedFiles()
  private var substitutedBytes = 0
  private var path: [String] = []
  private var place = ConfigPlace(source: "")
  /// Whether the scalar at hand has a variable that is not set.
  private var hasUnset = false

  /// A substitution whose problems go to `report`.
  package init(environment: @escaping Environment, limits: ConfigLimits = ConfigLimits(), report: ConfigReport) {
    self.environment = environment
    self.limits = limits
    self.report = report
  }

  /// The same tree with every scalar's substitutions made; a scalar whose substitution fails is reported once and
  /// becomes `.invalid`.
  package mutating func apply(to node: ConfigNode) -> ConfigNode {
    switch node.content {
    case .null, .invalid: return node
    case .scalar(let scalar):
      place = node.place
      return ConfigNode(apply(to: scalar), at: node.place)
    case .list(let items):
      var changed: [ConfigNode] = []
      for (index, item) in items.enumerated() {
        path.append("\(index)")
        changed.append(apply(to: item))
        path.removeLast()
      }
      return ConfigNode(.list(changed), at: node.place)
    case .map(let entries):
      var changed: [ConfigNode.Entry] = []
      for entry in entries {
        path.append(entry.key)
        changed.append(.init(key: entry.key, place: entry.place, value: apply(to: entry.value)))
        path.removeLast()
      }
      return ConfigNode(.map(changed), at: node.place)
    }
  }

  private mutating func apply(to scalar: ConfigNode.Scalar) -> ConfigNode.Content {
    guard scalar.text.utf8.contains(UInt8(ascii: "$")) else { return .scalar(scalar) }
    do throws(Failure) {
      var rest = Substring(scalar.text).utf8[...]
      hasUnset = false
      var expanded = try expand(&rest, depth: 0)
      if hasUnset && expanded.text.isEmpty { return .null }
      expanded.isQuoted = scalar.isQuoted
      return .scalar(expanded)
    } catch {
      report.error(at: place, path: path.joined(separator: "."), error.message)
      return .invalid
    }
  }

  /// Why a substitution cannot be made. What is no name is not repeated: it may be a part of a password.
  private struct Failure: Error { var message: String }
  private static let escapeHint = "write \"$${\" for the text \"${\""

  /// Expands up to the end of `rest`, or within `${…}` (`depth` above 0) up to and including its `}`.
  private mutating func expand(_ rest: inout Substring.UTF8View, depth: Int) throws(Failure) -> ConfigNode.Scalar {
    var text = ""
    var origins: [String] = []
    while let next = rest.firstIndex(where: { $0 == UInt8(ascii: "$") || (depth > 0 && $0 == UInt8(ascii: "}")) }) {
      text += String(Substring(rest[..<next]))
      let isEnd = rest[next] == UInt8(ascii: "}")
      rest = rest[rest.index(after: next)...]
      if isEnd { return ConfigNode.Scalar(text, origin: Self.list(origins)) }
      switch rest.first {
      case UInt8(ascii: "$"):
        rest = rest.dropFirst()
        text += "$"
      case UInt8(ascii: "{"):
        rest = rest.dropFirst()
        let value = try substitution(&rest, depth: depth + 1)
        text += value.text
        if let origin = value.origin { origins.append(origin) }
      default: text += "$"
      }
    }
    guard depth == 0 else { throw Failure(message: "\"${\" is not closed by \"}\"; \(Self.escapeHint)") }
    text += String(Substring(rest))
    rest = rest[rest.endIndex...]
    return ConfigNode.Scalar(text, origin: Self.list(origins))
  }

  /// The value of the `${…}` whose inside comes next; what is nested in it is expanded first.
  private mutating func substitution(
    _ rest: inout Substring.UTF8View, depth: Int
  ) throws(Failure) -> ConfigNode.Scalar {
    guard depth <= limits.maxSubstitutionDepth else {
      throw Failure(message: "found \(depth) levels of nested ${…}: the limit is \(limits.maxSubstitutionDepth)")
    }
    let inside = try expand(&rest, depth: depth)
    let value = try value(of: inside)
    let (sum, overflow) = substitutedBytes.addingReportingOverflow(value.text.utf8.count)
    guard !overflow, sum <= limits.maxSubstitutedBytes else {
      let limit = limits.maxSubstitutedBytes
      throw Failure(message: "substitutions put in \(overflow ? Int.max : sum) bytes: the limit is \(limit) bytes")
    }
    substitutedBytes = sum
    return value
  }

  private mutating func value(of inside: ConfigNode.Scalar) throws(Failure) -> ConfigNode.Scalar {
    let (scheme, rest) = Self.split(inside.text)
    switch scheme {
    case nil, "env": return try environmentValue(rest, taintedBy: inside.origin)
    case "file": return try fileValue(rest, taintedBy: inside.origin)
    case .some:
      throw Failure(message: "the substitution scheme is not supported: use \"env\" or \"file\"; \(Self.escapeHint)")
    }
  }

  private mutating func environmentValue(
    _ expression: String, taintedBy outer: String?
  ) throws(Failure) -> ConfigNode.Scalar {
    var (name, fallback, complaint) = (expression, String?.none, String?.none)
    if let colon = expression.utf8.firstIndex(of: UInt8(ascii: ":")) {
      let rest = expression[colon...].dropFirst()
      if rest.hasPrefix("-") { fallback = String(rest.dropFirst()) }
      if rest.hasPrefix("?") { complaint = String(rest.dropFirst()) }
      if rest.hasPrefix("-") || rest.hasPrefix("?") { name = String(expression[..<colon]) }
    }
    guard Self.isVariableName(name) else {
      throw Failure(message: "expected the name of an environment variable in \"${…}\"; \(Self.escapeHint)")
    }
    let origin = "${env:\(name.forDisplay(maxCharacters: 64))}"
    if let value = environment(name) { return ConfigNode.Scalar(value, origin: origin) }
    if let fallback { return ConfigNode.Scalar(fallback, origin: outer) }
    let problem = "the environment variable \(name.forDisplay(maxCharacters: 64)) is not set"
    if let complaint {
      // What came from elsewhere may be a secret.
      let said = complaint.isEmpty || outer != nil ? "" : ": \(complaint.forDisplay(maxCharacters: 256))"
      throw Failure(message: problem + said)
    }
    report.warning(at: place, path: path.joined(separator: "."), "\(problem), and read as nothing")
    hasUnset = true
    return ConfigNode.Scalar("", origin: origin)
  }

  private mutating func fileValue(_ filePath: String, taintedBy outer: String?) throws(Failure) -> ConfigNode.Scalar {
    let shown = outer == nil ? filePath.forDisplay(maxCharacters: 256) : "named by \(outer ?? "")"
    let bytes: [UInt8]
    files.note(filePath)
    do throws(FileReadError) {
      bytes = try readFile(filePath, maxBytes: limits.maxSubstitutedFileBytes)
    } catch {
      throw Failure(message: "cannot read the file \(shown): \(error.reason)")
    }
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(message: "cannot read the file \(shown): its \(bytes.count) bytes are not valid UTF-8")
    }
    if text.last?.isNewline == true { text.removeLast() }
    return ConfigNode.Scalar(text, origin: "${file:\(outer == nil ? shown : "…")}")
  }

  /// The part before the first `:` if it is a scheme (two or more of letters, digits, `+`, `.`, `-`) and the rest.
  private static func split(_ inside: String) -> (scheme: String?, rest: String) {
    guard let colon = inside.utf8.firstIndex(of: UInt8(ascii: ":")) else { return (nil, inside) }
    let scheme = inside[..<colon]
    let after = inside.utf8.index(after: colon)
    let isOfName = after < inside.endIndex && "-?".utf8.contains(inside.utf8[after])
    let isScheme = scheme.utf8.count >= 2 && !isOfName
    guard isScheme, scheme.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "+.-".utf8.contains($0) }) else {
      return (nil, inside)
    }
    return (String(scheme), String(inside[after...]))
  }

  /// The names a POSIX shell can export: `[A-Za-z_][A-Za-z0-9_]*`.
  private static func isVariableName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first == UInt8(ascii: "_") || first.isASCIILetter else { return false }
    return name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || $0.isASCIILetterOrDigit }
  }

  private static func list(_ origins: [String]) -> String? {
    origins.isEmpty ? nil : origins.prefix(4).joined(separator: " and ")
  }
}
