package import Options

/// What the gateway says of itself with its own metrics and logs: its name, version and a name of the process, and what
/// `service.telemetry.resource` says, which wins. An attribute that is empty there is left out.
struct OwnResource: Sendable {
  /// The name of the scope of what the gateway says.
  static let scope = "sluice"
  static let version = BuildInformation.version
  /// Another for every process.
  private static let instance = randomID()

  /// The attributes, each key once.
  let attributes: [(key: String, value: String)]
  /// Those that the configuration gives.
  let configured: [(key: String, value: String)]

  init(_ configured: [(key: String, value: String)]) {
    let given = Set(configured.map(\.key))
    self.configured = configured.filter { !$0.value.isEmpty }
    let own = [
      ("service.name", "sluice"), ("service.version", Self.version), ("service.instance.id", Self.instance),
    ]
    attributes = own.filter { !given.contains($0.0) }.map { (key: $0.0, value: $0.1) } + self.configured
  }

  /// A UUID of version 4 (RFC 9562).
  private static func randomID() -> String {
    var generator = SystemRandomNumberGenerator()
    let high = generator.next() & ~0xF000 | 0x4000
    let low = generator.next() & ~(3 << 62) | 2 << 62
    let digits = [high, low].map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var id = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { id += "-" }
      id.append(digit)
    }
    return id
  }
}

/// A reader that comes for metrics: where, and how it wants names and labels. As in the Collector, what
/// `readers[].pull.exporter.prometheus` does not say is otherwise than for the reader that is there without `readers`.
package struct PrometheusReader: Sendable, Equatable {
  package var endpoint: Endpoint
  /// Whether counters do not end in `_total`.
  package var withoutTypeSuffix = true
  /// Whether names do not get the ending of their unit.
  package var withoutUnits = true
  /// Whether samples have no labels of their scope.
  package var withoutScopeInfo = true
  /// The attributes of the resource that are labels of each sample; unless it says, those of the configuration.
  package var constantLabels: AttributeChoice?

  package init(at endpoint: Endpoint) { self.endpoint = endpoint }

  /// The attributes of a resource that are labels of each sample.
  func constantAttributes(of resource: OwnResource) -> [(key: String, value: String)] {
    guard let choice = constantLabels else { return resource.configured }
    return resource.attributes.filter { choice.contains($0.key) }
  }
}

/// Which attributes are meant: those that are included, all if none is named, and not excluded. A name that ends in `*`
/// stands for all that begin so.
package struct AttributeChoice: Sendable, Equatable {
  package var included: [String]
  package var excluded: [String]

  package init(included: [String], excluded: [String]) {
    self.included = included
    self.excluded = excluded
  }

  /// Whether an attribute is meant.
  func contains(_ key: String) -> Bool {
    (included.isEmpty || included.contains { Self.matches($0, key) }) && !excluded.contains { Self.matches($0, key) }
  }

  private static func matches(_ name: String, _ key: String) -> Bool {
    name.hasSuffix("*") ? key.hasPrefix(name.dropLast()) : name == key
  }
}
