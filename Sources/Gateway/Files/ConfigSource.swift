import Files
package import Options

/// Where configuration text comes from; several sources are merged in order, later over earlier.
package enum ConfigSource: Sendable, Hashable {
  /// A YAML file.
  case file(String)
  /// YAML text with the name that its places carry.
  case text(String, name: String)
  /// A YAML text in an environment variable.
  case environmentVariable(String)
  /// One option given as `a.b.c=value`, the value being YAML.
  case setting(String)
  /// `service.signals`, as `--signals` gives it.
  case signals(String)

  /// Reads what `--config` names: a path, or as in the Collector `file:path`, `env:NAME` or `yaml:text`.
  package init(argument: String) {
    if argument.hasPrefix("file:") {
      self = .file(String(argument.dropFirst(5)))
    } else if argument.hasPrefix("env:") {
      self = .environmentVariable(String(argument.dropFirst(4)))
    } else if argument.hasPrefix("yaml:") {
      self = .text(String(argument.dropFirst(5)), name: "--config yaml")
    } else {
      self = .file(argument)
    }
  }
}

extension ConfigSource {
  /// What the log calls it; the value of a setting is no part of it.
  package var name: String {
    switch self {
    case .file(let path): path
    case .text(_, let name): name
    case .environmentVariable(let name): "env:\(name)"
    case .setting(let setting): "--set \(setting.prefix { $0 != "=" })"
    case .signals: ConfigPlace.signalsArgument
    }
  }
}

/// Reads the sources of a configuration, merges them, and makes the substitutions.
package struct ConfigLoader {
  private let environment: ConfigSubstitution.Environment
  private let limits: ConfigLimits
  private let report: ConfigReport
  /// The files that have been read, or tried.
  private(set) var files = NamedFiles()

  /// A loader whose problems go to `report`.
  package init(
    environment: @escaping ConfigSubstitution.Environment, limits: ConfigLimits = ConfigLimits(), report: ConfigReport
  ) {
    self.environment = environment
    self.limits = limits
    self.report = report
  }

  /// The merged document; nil if a source could not be read or parsed, which is in the report.
  package mutating func load(_ sources: [ConfigSource]) -> ConfigNode? {
    var merged: ConfigNode?
    var isComplete = true
    for source in sources {
      guard let node = read(source) else {
        isComplete = false
        continue
      }
      guard let earlier = merged else {
        merged = node
        continue
      }
      if earlier.entries != nil && node.entries == nil && !node.isNull {
        report.error(at: node.place, path: "", "expected a map, found \(node.kind)")
        continue
      }
      merged = node.isNull ? earlier : earlier.merging(node)
    }
    guard isComplete else { return nil }
    let root = merged ?? ConfigNode(.map([]), at: ConfigPlace(source: "configuration"))
    var substitution = ConfigSubstitution(environment: environment, limits: limits, report: report)
    defer { files.merge(substitution.files) }
    return substitution.apply(to: root)
  }

  private mutating func read(_ source: ConfigSource) -> ConfigNode? {
    switch source {
    case .text(let text, let name): return parse(Array(text.utf8), name)
    case .setting(let setting): return read(setting: setting)
    case .signals(let text):
      let place = ConfigPlace(source: ConfigPlace.signalsArgument)
      return .map(["service", "signals"], ConfigNode(.scalar(.init(text)), at: place))
    case .environmentVariable(let name):
      guard let text = environment(name) else { return fail("--config env", "the variable \(name) is not set") }
      return parse(Array(text.utf8), "${env:\(name)}")
    case .file(let path):
      files.note(path)
      do throws(FileReadError) {
        return parse(file: try readFile(path, maxBytes: limits.maxFileBytes), path)
      } catch {
        return fail(path, "cannot read the configuration file: \(error.reason)")
      }
    }
  }

  /// Parses a file; one of another tool is one problem, not as many as it has keys.
  private func parse(file bytes: [UInt8], _ path: String) -> ConfigNode? {
    let problems = ConfigReport()
    let node = YAMLParser.parse(bytes, source: path, limits: limits, report: problems)
    if let problem = ForeignConfiguration.problem(of: bytes, root: node) { return fail(path, problem) }
    for problem in problems.errors + problems.warnings { report.add(problem) }
    return node
  }

  private func parse(_ bytes: [UInt8], _ name: String, limits: ConfigLimits? = nil) -> ConfigNode? {
    YAMLParser.parse(bytes, source: name, limits: limits ?? self.limits, report: report)
  }

  /// `a.b.c=value` as the map `{a: {b: {c: value}}}`; the value is not part of any place or message.
  private func read(setting: String) -> ConfigNode? {
    guard let equals = setting.utf8.firstIndex(of: UInt8(ascii: "=")) else {
      return fail("--set", "expected key=value, found no \"=\"")
    }
    let keys = setting[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let name = "--set \(setting[..<equals])".forDisplay(maxCharacters: 256)
    guard !keys.contains("") else { return fail(name, "expected keys separated by single dots") }
    guard keys.count < limits.maxDepth else {
      return fail(name, "found \(keys.count) levels of nesting: the limit is \(limits.maxDepth - 1)")
    }
    var valueLimits = limits
    valueLimits.maxDepth -= keys.count
    let value = setting.utf8[setting.utf8.index(after: equals)...]
    let place = ConfigPlace(source: name)
    guard let node = value.isEmpty ? ConfigNode(.null, at: place) : parse(Array(value), name, limits: valueLimits)
    else { return nil }
    return .map(keys, ConfigNode(node.content, at: place))
  }

  private func fail(_ source: String, _ message: String) -> ConfigNode? {
    report.error(at: ConfigPlace(source: source), path: "", message)
    return nil
  }
}

extension ConfigNode {
  /// A value behind keys, as `{a: {b: value}}`, all at its place.
  fileprivate static func map(_ keys: [String], _ value: ConfigNode) -> ConfigNode {
    keys.reversed().reduce(value) { node, key in
      ConfigNode(.map([.init(key: key, place: value.place, value: node)]), at: value.place)
    }
  }
}
