import LogPipeline

/// Metrics as Prometheus reads them: its text format 0.0.4, or OpenMetrics 1.0.
///
/// Names are the same in both. OpenMetrics has counters end in `_total`; where they may not, it is not told that they
/// are counters.
struct PrometheusPage {
  private let reader: PrometheusReader
  private let format: MetricsFormat
  private let constant: [MetricLabel]
  private let attributes: [MetricLabel]
  private var text = ""

  /// The page of a reader with all families.
  static func text(
    _ families: MetricFamilies, of resource: OwnResource, for reader: PrometheusReader, as format: MetricsFormat = .text
  ) -> String {
    var page = PrometheusPage(resource, reader, format)
    page.writeTarget()
    for family in families.all { page.write(family) }
    if format == .openMetrics { page.text += "# EOF\n" }
    return page.text
  }

  private init(_ resource: OwnResource, _ reader: PrometheusReader, _ format: MetricsFormat) {
    self.reader = reader
    self.format = format
    attributes = Self.labels(resource.attributes)
    let scope = [
      MetricLabel("otel_scope_name", OwnResource.scope), MetricLabel("otel_scope_version", OwnResource.version),
      MetricLabel("otel_scope_schema_url", ""),
    ]
    constant = Self.labels(reader.constantAttributes(of: resource)) + (reader.withoutScopeInfo ? [] : scope)
  }

  /// Attributes as labels; of those with one name the first counts.
  private static func labels(_ attributes: [(key: String, value: String)]) -> [MetricLabel] {
    var names: Set<String> = []
    return attributes.map { MetricLabel(name($0.key), $0.value) }.filter { names.insert($0.name).inserted }
  }

  /// What is called so as Prometheus allows it: anything else becomes `_`.
  static func name(_ key: String) -> String {
    let mapped = key.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return (mapped.first?.isNumber ?? true ? "_" : "") + String(mapped)
  }

  /// Who the gateway is.
  private mutating func writeTarget() {
    let isOpen = format == .openMetrics
    writeHead(isOpen ? "target" : "target_info", isOpen ? "info" : "gauge", "What the gateway says of itself.")
    write("target_info", attributes, "1")
  }

  private mutating func write(_ family: MetricFamily) {
    var name = Self.name(family.name)
    if !reader.withoutUnits, let ending = family.unit?.ending, !name.hasSuffix(ending) { name += ending }
    var (metric, kind) = (name, family.kind.rawValue)
    if family.kind == .counter {
      if !reader.withoutTypeSuffix {
        metric += "_total"
        if format == .text { name = metric }
      } else if format == .openMetrics {
        kind = "unknown"
      }
    }
    writeHead(name, kind, family.help)
    for sample in family.samples {
      let labels = complete(sample.labels)
      switch sample.value {
      case .whole(let value): write(metric, labels, "\(value)")
      case .number(let value): write(metric, labels, "\(value)")
      case .histogram(let histogram, let factor):
        for (bound, count) in histogram.buckets {
          let bound = bound == .infinity ? "+Inf" : "\(bound * factor)"
          write(metric + "_bucket", labels + [MetricLabel("le", bound)], "\(count)")
        }
        write(metric + "_sum", labels, "\(histogram.sum * factor)")
        write(metric + "_count", labels, "\(histogram.count)")
      }
    }
  }

  /// The labels of a sample with those that all have; its own win.
  private func complete(_ labels: [MetricLabel]) -> [MetricLabel] {
    let own = labels.map { MetricLabel(Self.name($0.name), $0.value) }
    if constant.isEmpty { return own }
    let names = Set(own.map(\.name))
    return own + constant.filter { !names.contains($0.name) }
  }

  private mutating func writeHead(_ name: String, _ kind: String, _ help: String) {
    text += "# HELP \(name) \(Self.escaped(help, quotes: format == .openMetrics))\n# TYPE \(name) \(kind)\n"
  }

  private mutating func write(_ name: String, _ labels: [MetricLabel], _ value: String) {
    if labels.isEmpty {
      text += "\(name) \(value)\n"
      return
    }
    let all = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
    text += "\(name){\(all.joined(separator: ","))} \(value)\n"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
