import LogPipeline

/// Statements and conditions of OTTL put together at random, of every function that there is.
package struct StatementGenerator {
  private var random: SplitMix
  private let editors: [Signature]
  private let converters: [Signature]

  /// A function's name and its parameters, as `sluice ottl functions` lists them.
  private struct Signature {
    let name: String
    let parameters: [(name: String, isOptional: Bool)]

    init(_ text: String) {
      let parts = text.split(separator: "(", maxSplits: 1)
      name = String(parts[0])
      parameters = parts[1].dropLast().split(separator: ",").map { part in
        let name = part.filter { $0 != " " && $0 != "?" }
        return (name, part.hasSuffix("?"))
      }
    }
  }

  package init(seed: UInt64) {
    random = SplitMix(seed: seed)
    let all = OTTLExplainer.signatures.map { Signature($0) }
    editors = all.filter { $0.name.first?.isLowercase == true }
    converters = all.filter { $0.name.first?.isUppercase == true }
  }

  /// The next statement; few of them are refused.
  package mutating func statement() -> String {
    let editor =
      if random.oneIn(2) {
        "set(\(random.oneIn(3) ? field() : target()), \(value(3)))"
      } else {
        call(pick(editors), isEditor: true, depth: 2)
      }
    return random.oneIn(2) ? editor : "\(editor) where \(condition(3))"
  }

  /// The next condition.
  package mutating func condition() -> String { condition(3) }

  private mutating func pick<T>(_ choices: [T]) -> T { choices[random.below(choices.count)] }

  private mutating func some(_ most: Int, _ make: (inout Self) -> String) -> String {
    (0..<random.below(most + 1)).map { _ in make(&self) }.joined(separator: ", ")
  }
}

/// Calls.
extension StatementGenerator {
  private mutating func call(_ function: Signature, isEditor: Bool, depth: Int) -> String {
    var arguments: [String] = []
    for parameter in function.parameters {
      if parameter.isOptional && random.oneIn(2) { break }
      if random.oneIn(40) { continue }
      let argument = argument(parameter.name, of: function.name, isEditor: isEditor, depth: depth)
      arguments.append(random.oneIn(12) ? "\(parameter.name) = \(argument)" : argument)
    }
    let keys = !isEditor && random.oneIn(8) ? key() : ""
    return "\(function.name)(\(arguments.joined(separator: ", ")))\(keys)"
  }

  /// What a parameter takes, by its name; now and then anything.
  private mutating func argument(_ name: String, of function: String, isEditor: Bool, depth: Int) -> String {
    if random.oneIn(25) { return value(depth - 1) }
    if ["vals", "values", "keys", "networks"].contains(name), random.oneIn(4) { return list() }
    switch name {
    case "target" where isEditor: return target()
    case "target", "uri", "user_agent", "header", "bytes":
      return random.oneIn(3) ? value(depth - 1) : texts()
    case "pattern", "regex_pattern": return pattern(of: function)
    case "function": return pick(["SHA256", "ToUpperCase", "Trim", "Len", "ParseJSON", "UUIDv7", "Concat"])
    case "predicate": return "(k, v) => \(random.oneIn(3) ? condition(depth - 1) : "v != \(value(0))")"
    case "mapper": return "(k, _) => \(pick(["k", "String(k)", "[k, k]", value(depth - 1)]))"
    case "reducer": return "(acc, k, v) => \(pick(["acc", "acc + v", "Concat([acc, k], \"\")", "[acc, v]"]))"
    case "condition": return "() => \(condition(depth - 1))"
    case "keys", "priority_keys", "key_path", "value_path": return "[\(some(3) { $0.keyText() })]"
    case "vals", "values": return "[\(some(3) { $0.value(depth - 1) })]"
    case "networks": return "[\(some(2) { $0.pick(["\"10.0.0.0/8\"", "\"::/0\"", "\"fe80::1/128\""]) })]"
    case "pattern_definitions": return "[\"N=[0-9]+\"]"
    case "time": return function == "Time" ? value(depth - 1) : time()
    case "duration": return function == "Duration" ? text() : pick(["Duration(\"1h\")", "time - time", duration()])
    case "source", "mapping", "sub_document": return random.oneIn(2) ? map(depth - 1) : value(depth - 1)
    case "limit", "start", "length", "depth", "base", "seed", "nanoseconds", "start_index", "end_index":
      return pick(["0", "1", "2", "3", "10", "16", "64", "-1", "9223372036854775807"])
    case "resolve_conflicts", "utf8_safe", "named_captures_only", "sort_output": return pick(["true", "false"])
    default: return word(name, of: function) ?? value(depth - 1)
    }
  }

  /// What gives a list for many records.
  private mutating func list() -> String {
    pick([
      "Split(log.body.string, \",\")", "Keys(log.attributes)", "Values(log.attributes)", "log.attributes[\"a\"]",
      "MapEach(log.attributes, (k, v) => k)", "Sort(Values(log.attributes))", "log.body",
      "Split(\"10.0.0.0/8,::1/128\", \",\")",
    ])
  }

  private mutating func pattern(of function: String) -> String {
    let texts =
      switch function {
      case "ExtractGrokPatterns": ["%{WORD:a} %{INT:n:int}", "%{N:n}", "%{IP:a}", "(?P<b>.)", "%{GREEDYDATA}"]
      case "replace_match", "replace_all_matches": ["*", "a*", "?", "{a,b}*", "[a-z]", "*ä*"]
      case "ExtractPatterns": ["(?P<a>\\\\w+)", "(?P<a>a)|(?P<b>b)", "(?P<a>)(.)", "^(?P<x>[^,]*),?"]
      default: ["a|b", "", "^", ".", "\\\\d+", "(a)(b)?", "[^a]*", "ä", "(?i)A", "x*"]
      }
    return random.oneIn(6) ? value(1) : "\"\(pick(texts))\""
  }

  /// A constant that is one of few words.
  private mutating func word(_ name: String, of function: String) -> String? {
    let words: [String]
    switch name {
    case "strategy": words = ["insert", "update", "upsert"]
    case "mode": words = function == "ParseCSV" ? ["strict", "lazyQuotes", "ignoreQuotes"] : ["key", "value"]
    case "to_case": words = ["lower", "upper", "snake", "camel"]
    case "order": words = ["asc", "desc"]
    case "variant", "encoding": words = ["base64", "base64-raw-url", "utf-8", "utf-16", "iso-8859-1", "base64-url"]
    case "format" where function == "ParseCLF": words = ["clf", "combined"]
    case "format" where function == "Format":
      words = ["%s", "%d %v", "%5.2f|%x", "%", "%[2]q%%", "%-08.3s", "%*d", "%T"]
    case "format": words = ["%Y-%m-%d %H:%M:%S", "%b %e %T.%f", "2006-01-02T15:04:05Z07:00", "%s", "%j %Z", "%c"]
    case "location": words = ["UTC", "Etc/GMT-2", "Local"]
    case "locale": words = ["en", "en-US"]
    case "x_path": words = ["/", "//a", "/a/b[1]", "//@x", "//*[text()]", "/a/text()", "//b[@x='1']"]
    case "protocol": words = ["TCP", "UDP", "SCTP"]
    case "delimiter", "pair_delimiter", "header_delimiter": words = [",", " ", "=", ";", ":", "ä", ""]
    case "replacement": words = ["", "$1", "${a}x", "$$", "ä$0", "\\xff"]
    case "replacement_format": words = ["[%s]", "%s"]
    default: return nil
    }
    return "\"\(pick(words))\""
  }
}

/// Paths and values.
extension StatementGenerator {
  private mutating func keyText() -> String { pick(["\"a\"", "\"b\"", "\"c\"", "\"ä\"", "\"service.name\"", "\"\""]) }

  private mutating func key() -> String {
    pick([
      "[\"a\"]", "[\"b\"]", "[\"c\"]", "[\"ä\"]", "[0]", "[1]", "[2]", "[log.attributes[\"k\"]]",
      "[log.attributes[\"n\"]]",
    ])
  }

  /// What is a text in most records.
  private mutating func texts() -> String {
    pick(["log.body.string", "log.body.string", "log.severity_text", "String(log.attributes[\"a\"])", text()])
  }

  private mutating func target() -> String {
    if random.oneIn(2) {
      return pick(["log.attributes", "log.attributes[\"a\"]", "log.cache", "resource.attributes", "log.attributes"])
    }
    let root = pick([
      "log.attributes", "log.attributes", "log.body", "log.cache", "resource.attributes", "scope.attributes",
      "resource.cache",
    ])
    return root + (0..<random.below(4)).map { _ in key() }.joined()
  }

  private mutating func field() -> String {
    pick([
      "log.time", "log.observed_time_unix_nano", "log.severity_number", "log.severity_text", "log.flags",
      "log.trace_id.string", "log.trace_id", "log.span_id", "log.body.string", "log.event_name", "scope.name",
      "resource.schema_url", "log.dropped_attributes_count", "log.observed_time", "log.span_id.string",
    ])
  }

  private mutating func time() -> String {
    pick([
      "log.time", "Now()", "log.observed_time", "Unix(1)", "log.time + Duration(\"1h\")", "Unix(log.severity_number)",
    ])
  }

  private mutating func duration() -> String { pick(["Duration(\"-1.5ms\")", "Now() - log.time", "Duration(\"0s\")"]) }

  private mutating func text() -> String {
    pick([
      "\"text\"", "\"\"", "\"{\\\"a\\\":{\\\"b\\\":[1,\\\"x\\\\n\\\"]}}\"", "\"a=1 b='2 3'\"", "\"\\xff\\xc3\"",
      "\"\\u00e4\\U0001f600\"", "\"1,2\"", "\"1h\"", "\"42\"", "\"2024-01-05 15:04:09\"", "\"<a x='1'><b>t</b>u</a>\"",
      "\"10.1.2.3\"", "\"0102030405060708090a0b0c0d0e0f10\"", "\"http://u:p@h:1/p.x?q#f\"", "\"4539 5787 6362 1486\"",
    ])
  }

  private mutating func map(_ depth: Int) -> String {
    "{\(some(3) { "\($0.keyText()): \($0.value(depth - 1))" })}"
  }

  private mutating func value(_ depth: Int) -> String {
    if depth <= 0 {
      return pick([
        "nil", "1", "-9223372036854775807", "(-9223372036854775807 - 1)", "1.5", text(), text(), "true", "0x00ff",
        "Now()", target(), field(),
        "SEVERITY_NUMBER_WARN",
      ])
    }
    switch random.below(12) {
    case 0: return map(depth)
    case 1: return "[\(some(3) { $0.value(depth - 1) })]"
    case 2: return "\(field()) \(pick(["+", "-", "*", "/"])) \(pick(["1", "0.5", "log.attributes[\"n\"]", "log.time"]))"
    case 3: return "-\(target())"
    case 4...7: return call(pick(converters), isEditor: false, depth: depth - 1)
    case 8...9: return target()
    case 10: return field()
    default: return value(0)
    }
  }

  private mutating func condition(_ depth: Int) -> String {
    switch random.below(depth > 0 ? 8 : 4) {
    case 0: return "IsMatch(\(target()), \(pattern(of: "IsMatch")))"
    case 1: return "\(target()) \(pick(["==", "!="])) nil"
    case 2, 3: return "\(target()) \(pick(["==", "!=", "<", "<=", ">", ">="])) \(value(1))"
    case 4: return "not (\(condition(depth - 1)))"
    case 5: return "(\(condition(depth - 1)) and \(condition(depth - 1)))"
    case 6: return "\(value(depth - 1)) \(pick(["==", "!=", "<", ">="])) \(value(depth - 1))"
    default: return "(\(condition(depth - 1)) or \(condition(depth - 1)))"
    }
  }
}
