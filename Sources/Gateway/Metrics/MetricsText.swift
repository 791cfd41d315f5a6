import LogPipeline

/// Metrics in Prometheus text format 0.0.4, written family by family.
struct MetricsText {
  /// The kinds of metric that the gateway has.
  enum Kind: String {
    case counter
    case gauge
    case histogram
  }

  /// A label and its value; the value is escaped when written.
  struct Label {
    var name: String
    var value: String

    init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  private(set) var text = ""
  /// Labels that every sample carries.
  private let common: [Label]

  /// Of common labels with one name the first counts; a sample's own labels win over them.
  init(common: [Label] = []) {
    var names: Set<String> = []
    self.common = common.filter { names.insert($0.name).inserted }
  }

  /// Starts a family; the samples that follow belong to it.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    current = name
  }

  private var current = ""

  /// Writes one sample of the current family.
  mutating func sample(_ labels: [Label] = [], _ value: Int) { sample(labels, text: "\(value)") }

  /// Writes one sample of the current family.
  mutating func sample(_ labels: [Label] = [], _ value: Double) { sample(labels, text: "\(value)") }

  /// Writes the samples of one histogram of the current family.
  mutating func histogram(_ labels: [Label] = [], _ histogram: DurationHistogram.Snapshot) {
    for (bound, count) in histogram.buckets {
      let label = Label("le", bound == .infinity ? "+Inf" : "\(bound)")
      sample(labels + [label], text: "\(count)", suffix: "_bucket")
    }
    sample(labels, text: "\(histogram.seconds)", suffix: "_sum")
    sample(labels, text: "\(histogram.count)", suffix: "_count")
  }

  private mutating func sample(_ labels: [Label], text value: String, suffix: String = "") {
    let own = Set(labels.map(\.name))
    let all = (labels + common.filter { !own.contains($0.name) }).map {
      "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\""
    }
    let name = current + suffix
    text += all.isEmpty ? "\(name) \(value)\n" : "\(name){\(all.joined(separator: ","))} \(value)\n"
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
