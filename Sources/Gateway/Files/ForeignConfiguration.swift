import Options

/// Tells what a text is that was given as configuration and is none: a file of another tool, or no YAML.
enum ForeignConfiguration {
  /// Why a text is no configuration of the gateway, which is known: it is no YAML if `root` is nil. Nil if the text
  /// does not say, or has components.
  static func problem(of bytes: [UInt8], root: ConfigNode?) -> String? {
    let entries = root?.entries ?? []
    if root?.isNull == true || entries.contains(where: { components.contains($0.key) }) { return nil }
    // Other tools have a service too.
    let maySayMore = !entries.contains { $0.key == "service" }
    if let tool = tool(of: entries) ?? (maySayMore ? tool(ofText: bytes) : nil) {
      return "this looks like a configuration of \(tool), not of this gateway: that is YAML with receivers, exporters "
        + "and service"
    }
    guard root?.entries == nil, let line = firstLine(of: bytes), looksLikeINI(line) else { return nil }
    return "this is not YAML but looks like TOML or INI: line \(line.number) begins with "
      + "\(line.text.first == "[" ? "a section in brackets" : "a key and \"=\"")"
  }

  private static let components = Set(ComponentKind.allCases.map(\.rawValue))

  /// What of YAML or JSON one tool has: keys at the top, such as `a`, their beginnings up to a point, such as `a.`,
  /// keys below them, such as `a/b`, and those below any of these, such as `a/*/c`.
  private static let toolsByKey: [(keys: Set<String>, tool: String)] = [
    (["sources", "sinks"], "Vector"), (["sinks", "transforms"], "Vector"), (["sources", "transforms"], "Vector"),
    (["pipeline/inputs"], "Fluent Bit"), (["pipeline/outputs"], "Fluent Bit"), (["pipeline/filters"], "Fluent Bit"),
    (["scrape_configs"], "Promtail or Prometheus"), (["filebeat."], "Filebeat"), (["filebeat"], "Filebeat"),
    (["output.elasticsearch"], "a Beat"), (["output.logstash"], "a Beat"), (["pipeline."], "Logstash"),
    (["pipeline/workers"], "Logstash"), (["pipeline/batch"], "Logstash"), (["path."], "Logstash or Elasticsearch"),
    (["xpack."], "Logstash or Elasticsearch"), (["apiVersion", "kind"], "Kubernetes"),
    (["services/*/image"], "Docker Compose"), (["services/*/build"], "Docker Compose"),
    (["image/repository"], "Helm (values of a chart)"), (["image/tag"], "Helm (values of a chart)"),
    (["replicaCount"], "Helm (values of a chart)"), (["config/receivers"], "Helm (values of a chart)"),
  ]

  private static func tool(of entries: [ConfigNode.Entry]) -> String? {
    var keys: Set<String> = []
    for top in entries {
      keys.insert(top.key)
      if let point = top.key.firstIndex(of: ".") { keys.insert(String(top.key[...point])) }
      for below in top.value.entries ?? [] {
        keys.insert("\(top.key)/\(below.key)")
        for last in below.value.entries ?? [] { keys.insert("\(top.key)/*/\(last.key)") }
      }
    }
    return toolsByKey.first { $0.keys.isSubset(of: keys) }?.tool
  }

  /// Beginnings of lines, in lower case and without spaces, that one tool has.
  private static let toolsByLine: [(start: String, tool: String)] = [
    ("[sources.", "Vector"), ("[sinks.", "Vector"), ("[transforms.", "Vector"), ("[service]", "Fluent Bit"),
    ("[input]", "Fluent Bit"), ("[output]", "Fluent Bit"), ("[filter]", "Fluent Bit"), ("[parser]", "Fluent Bit"),
    ("[[inputs.", "Telegraf"), ("[[outputs.", "Telegraf"), ("<source>", "Fluentd"), ("<match", "Fluentd"),
    ("-pipeline.id:", "Logstash"), ("input{", "Logstash"), ("output{", "Logstash"), ("filter{", "Logstash"),
    ("loki.", "Grafana Alloy"), ("otelcol.", "Grafana Alloy"),
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
