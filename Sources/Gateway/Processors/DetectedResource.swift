import Options

/// The attributes that detectors of `resourcedetection` find on a machine, each once.
struct DetectedResource {
  /// Which attributes are asked for.
  struct Wanted: Sendable {
    /// Attributes that the detector `system` adds unless it is told otherwise.
    static let usual: Set<String> = ["host.name", "os.type"]
    /// All that it can add.
    static let known = ["host.name", "os.type", "host.arch", "host.id", "os.description", "os.name", "os.version"]

    /// Only these are added; empty for all.
    var only: Set<String> = []
    /// What the detector `system` adds.
    var system = usual
    /// Where it looks for the name of the host, in this order.
    var nameSources = ["dns", "os"]
    /// The variable that names the node, for `k8snode`.
    var nodeVariable = "K8S_NODE_NAME"

    /// Reads `system`.
    mutating func readSystem(_ options: ConfigReader) {
      nameSources = options.list(
        "hostname_sources", of: .oneOf(["dns", "os", "cname", "lookup"]), default: nameSources,
        "Where the host's name is looked for: os for the system's, any other for its whole name in /etc/hosts.")
      let switches = options.switches("resource_attributes", "Attributes that are added, or are not.")
      for (name, isOn, place) in switches {
        if !isOn {
          system.remove(name)
        } else if Self.known.contains(name) {
          system.insert(name)
        } else {
          options.report.warning(
            at: place, path: "\(options.path).resource_attributes.\(name.forDisplay(maxCharacters: 64))",
            "is not added: known are \(Self.known.joined(separator: ", "))")
        }
      }
    }

    /// Reads `k8snode`.
    mutating func readNode(_ options: ConfigReader) {
      let given = options.optional(
        "node_from_env_var", .nonEmptyString, "The variable that names the node; K8S_NODE_NAME if not given.")
      nodeVariable = given ?? nodeVariable
      options.ignored("auth_type", "context", because: "the Kubernetes API is not asked")
      _ = options.switches("resource_attributes", "Of no effect: k8s.node.name is added.")
    }
  }

  private let machine: Machine
  private let wanted: Wanted
  /// In the order in which they were found.
  private(set) var attributes: [(name: String, value: String)] = []

  init(_ detectors: [ResourceDetectionOptions.Detector], _ wanted: Wanted, on machine: Machine) {
    self.machine = machine
    self.wanted = wanted
    for detector in detectors {
      switch detector {
      case .env: readEnvironment()
      case .system: readSystem()
      case .k8snode, .kubernetesNode: add("k8s.node.name", machine.environment(wanted.nodeVariable))
      default: continue
      }
    }
  }

  private mutating func add(_ name: String, _ value: String?) {
    guard let value, !value.isEmpty, wanted.only.isEmpty || wanted.only.contains(name) else { return }
    if !attributes.contains(where: { $0.name == name }) { attributes.append((name, value)) }
  }

  /// `OTEL_RESOURCE_ATTRIBUTES`: names and values, percent-encoded, as `a=b,c=d`.
  private mutating func readEnvironment() {
    for pair in (machine.environment("OTEL_RESOURCE_ATTRIBUTES") ?? "").split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let (name, value) = (String(parts[0]).trimmingSpaces, String(parts[1]).trimmingSpaces)
      if !name.isEmpty { add(name, value.percentDecoded ?? value) }
    }
  }

  private mutating func readSystem() {
    for name in Wanted.known where wanted.system.contains(name) { add(name, system(name)) }
  }

  private func system(_ name: String) -> String? {
    switch name {
    case "host.name": hostName
    case "os.type": "linux"
    case "host.arch": machine.architecture
    case "host.id": machine.firstLine(of: "/etc/machine-id") ?? machine.firstLine(of: "/var/lib/dbus/machine-id")
    case "os.description": description
    case "os.name": release("NAME")
    case "os.version": release("VERSION_ID")
    default: nil
    }
  }

  private var hostName: String? {
    for source in wanted.nameSources {
      if let name = source == "os" ? machine.hostName : wholeHostName { return name }
    }
    return machine.hostName
  }

  /// The first name of the line of `/etc/hosts` that has the host's name, if it has a domain.
  private var wholeHostName: String? {
    for line in (machine.file("/etc/hosts") ?? "").split(separator: "\n") {
      let names = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.dropFirst().map(String.init)
      guard names.contains(machine.hostName), let first = names.first, first.contains(".") else { continue }
      if first.hasPrefix(machine.hostName + ".") { return first }
    }
    return nil
  }

  private var description: String? {
    let name = release("NAME").map { [$0, release("VERSION")].compactMap { $0 }.joined(separator: " ") }
    return name.map { "\($0) (\(machine.kernel))" } ?? machine.kernel
  }

  /// A line `NAME="…"` of `/etc/os-release`.
  private func release(_ key: String) -> String? {
    let lines = (machine.file("/etc/os-release") ?? "").split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix(key + "=") }) else { return nil }
    let value = line.dropFirst(key.count + 1).filter { $0 != "\"" && $0 != "'" }
    return value.isEmpty ? nil : String(value)
  }
}

extension ConfigReader {
  /// A map from names to `{enabled: …}`.
  fileprivate func switches(_ key: String, _ doc: String) -> [(name: String, isOn: Bool, place: ConfigPlace)] {
    namedSections(key, maxCount: 1000, doc) { name, place, options in
      (name, options.read("enabled", .bool, default: true, "Whether it is added."), place)
    }
  }
}
