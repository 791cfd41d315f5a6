/// Tells what a text is that was given as configuration and is none: a file of another tool, or no YAML.
enum ForeignConfiguration {
  /// Why a text is no configuration of the gateway, which is known: it is no YAML if `keys` is nil, else these are at
  /// its top. Nil if the text does not say.
  static func problem(of bytes: [UInt8], keys: [String]?) -> String? {
    if let tool = tool(ofKeys: keys ?? []) ?? tool(ofText: bytes) {
      return "this looks like a configuration of \(tool), not of this gateway: that is YAML with receivers, exporters "
        + "and service"
    }
    guard keys == nil, let line = firstLine(of: bytes), looksLikeINI(line) else { return nil }
    return "this is not YAML but looks like TOML or INI: line \(line.number) begins with "
      + "\(line.text.first == "[" ? "a section in brackets" : "a key and \"=\"")"
  }

  /// Keys at the top of YAML or JSON that one tool has.
  private static let toolsByKey: [(keys: Set<String>, tool: String)] = [
    (["sources", "sinks"], "Vector"), (["sinks", "transforms"], "Vector"), (["sources", "transforms"], "Vector"),
    (["pipeline"], "Fluent Bit"), (["scrape_configs"], "Promtail or Prometheus"), (["filebeat.inputs"], "Filebeat"),
    (["filebeat"], "Filebeat"), (["output.elasticsearch"], "a Beat"), (["output.logstash"], "a Beat"),
    (["apiVersion", "kind"], "Kubernetes"),
  ]

  private static func tool(ofKeys keys: [String]) -> String? {
    let keys = Set(keys)
    return toolsByKey.first { $0.keys.isSubset(of: keys) }?.tool
  }

  /// Beginnings of lines, in lower case and without spaces, that one tool has.
  private static let toolsByLine: [(start: String, tool: String)] = [
    ("[sources.", "Vector"), ("[sinks.", "Vector"), ("[transforms.", "Vector"), ("[service]", "Fluent Bit"),
    ("[input]", "Fluent Bit"), ("[output]", "Fluent Bit"), ("[filter]", "Fluent Bit"), ("[parser]", "Fluent Bit"),
    ("[[inputs.", "Telegraf"), ("[[outputs.", "Telegraf"), ("<source>", "Fluentd"), ("<match", "Fluentd"),
    ("input{", "Logstash"), ("output{", "Logstash"), ("filter{", "Logstash"), ("loki.", "Grafana Alloy"),
    ("otelcol.", "Grafana Alloy"),
  ]
  /// So much of a text is looked at.
  private static let lookedAtBytes = 64 << 10

  private static func tool(ofText bytes: [UInt8]) -> String? {
    for line in lines(of: bytes) {
      let start = line.text.prefix(64).filter { !$0.isWhitespace }.lowercased()
      if let found = toolsByLine.first(where: { start.hasPrefix($0.start) }) { return found.tool }
    }
    return nil
  }

  private static func lines(of bytes: [UInt8]) -> [(number: Int, text: Substring)] {
    String(decoding: bytes.prefix(lookedAtBytes), as: UTF8.self)
      .split(omittingEmptySubsequences: false) { $0.isNewline }.enumerated()
      .map { line in (number: line.offset + 1, text: line.element.drop { $0.isWhitespace }) }
      .filter { !$0.text.isEmpty && $0.text.first != "#" && $0.text.first != ";" }
  }

  private static func firstLine(of bytes: [UInt8]) -> (number: Int, text: Substring)? { lines(of: bytes).first }

  /// True for `[section]` and `key = value`.
  private static func looksLikeINI(_ line: (number: Int, text: Substring)) -> Bool {
    if line.text.first == "[" { return line.text.contains("]") }
    guard let equals = line.text.firstIndex(of: "=") else { return false }
    return line.text[..<equals].allSatisfy { $0.isLetter || $0.isNumber || "_-. ".contains($0) }
  }
}
