import Options

/// `service.signals`: which pipelines of a document run. Those of other signals are left out before anything else is
/// read, with what only they use, so that nothing of that has to be known here.
struct SignalChoice {
  private let root: ConfigNode
  private let named: NamedComponents
  private var kept: [NamedComponents.Pipeline]
  private var left: [NamedComponents.Pipeline]

  /// The document without what its `service.signals` leaves out, which one warning names.
  static func apply(to root: ConfigNode, report: ConfigReport) -> ConfigNode {
    guard let service = root["service"], let given = service["signals"] else { return root }
    let signals = (given.listItems ?? []).compactMap { item -> Signal? in
      if case .scalar(let scalar) = item.content { Signal(rawValue: scalar.text) } else { nil }
    }
    guard !signals.isEmpty, signals.count == given.listItems?.count else { return root }
    var choice = SignalChoice(root, Set(signals))
    if choice.left.isEmpty { return root }
    choice.cutConnectors()
    let (pruned, names) = choice.pruned()
    report.warning(at: given.place, path: "service.signals", "leaves out \(names.joined(separator: "; "))")
    return pruned
  }

  private init(_ root: ConfigNode, _ signals: Set<Signal>) {
    self.root = root
    named = NamedComponents(root)
    // A signal that is not known is reported where pipelines are read.
    kept = named.pipelines.filter { $0.signal.map { signals.contains($0) } ?? true }
    left = named.pipelines.filter { $0.signal.map { !signals.contains($0) } ?? false }
  }

  /// Takes connectors out of pipelines if all pipelines at their other end are left out, and then leaves out pipelines
  /// that nothing is left to feed, or that feed nothing any more.
  private mutating func cutConnectors() {
    let connectors = Set((root["connectors"]?.entries ?? []).map { NamedComponents.normal($0.key) })
    while true {
      let (fed, feeding) = (Set(kept.flatMap(\.receivers)), Set(kept.flatMap(\.exporters)))
      let lostTargets = connectors.intersection(left.flatMap(\.receivers)).subtracting(fed)
      let lostSources = connectors.intersection(left.flatMap(\.exporters)).subtracting(feeding)
      for index in kept.indices {
        kept[index].exporters.removeAll { lostTargets.contains($0) }
        kept[index].receivers.removeAll { lostSources.contains($0) }
      }
      let ended = kept.filter { pipeline in
        guard let whole = named.pipelines.first(where: { $0.key == pipeline.key }) else { return false }
        return pipeline.receivers.isEmpty && !whole.receivers.isEmpty
          || pipeline.exporters.isEmpty && !whole.exporters.isEmpty
      }
      if ended.isEmpty { return }
      left += ended
      kept.removeAll { pipeline in ended.contains { $0.key == pipeline.key } }
    }
  }

  /// The document without what is left out, and what that is.
  private func pruned() -> (root: ConfigNode, names: [String]) {
    var names = [Self.shown("pipelines", left.map(\.key))]
    var pruned = root
    var removed: [ConfigNode] = []
    for kind in [ComponentKind.receivers, .processors, .exporters, .connectors] {
      let used = Set(kept.flatMap { $0.names(kind) })
      let unused = Set(named.pipelines.flatMap { $0.names(kind) }).subtracting(used)
      let (section, gone) = Self.split(pruned[kind.rawValue], without: unused)
      if gone.isEmpty { continue }
      names.append(Self.shown(kind.rawValue, gone.map(\.key)))
      removed += gone.map(\.value)
      pruned = pruned.replacing(kind.rawValue, with: section)
    }
    var service = root["service"] ?? ConfigNode(.map([]), at: root.place)
    let extensions = extensionsOnly(of: removed, in: pruned)
    if !extensions.isEmpty {
      let (section, gone) = Self.split(pruned["extensions"], without: extensions)
      pruned = pruned.replacing("extensions", with: section)
      service = service.replacing("extensions", with: Self.list(service["extensions"], without: extensions))
      names.append(Self.shown("extensions", gone.map(\.key)))
    }
    let pipelines = (service["pipelines"]?.entries ?? []).compactMap { entry -> ConfigNode.Entry? in
      guard let pipeline = kept.first(where: { $0.key == entry.key }) else { return nil }
      var entry = entry
      entry.value = cut(entry.value, to: pipeline)
      return entry
    }
    let place = service["pipelines"]?.place ?? service.place
    service = service.replacing("pipelines", with: ConfigNode(.map(pipelines), at: place))
    return (pruned.replacing("service", with: service), names)
  }

  /// A pipeline without the connectors that were taken out of it.
  private func cut(_ node: ConfigNode, to pipeline: NamedComponents.Pipeline) -> ConfigNode {
    guard let whole = named.pipelines.first(where: { $0.key == pipeline.key }) else { return node }
    var node = node
    let ends = [
      ("receivers", whole.receivers, pipeline.receivers), ("exporters", whole.exporters, pipeline.exporters),
    ]
    for (key, before, after) in ends where before.count != after.count {
      node = node.replacing(key, with: Self.list(node[key], without: Set(before).subtracting(after)))
    }
    return node
  }

  /// The started extensions that something left out names, as in `auth.authenticator`, and nothing that stays.
  private func extensionsOnly(of removed: [ConfigNode], in pruned: ConfigNode) -> Set<String> {
    let candidates = Set(named.extensions).intersection(removed.flatMap(\.texts).map { NamedComponents.normal($0) })
    if candidates.isEmpty { return [] }
    let admin = root["service"]?["admin"]
    let staying = (ComponentKind.allCases.map { pruned[$0.rawValue] } + [admin]).compactMap(\.self).flatMap(\.texts)
    return candidates.subtracting(staying.map { NamedComponents.normal($0) })
  }

  /// The entries of a section that stay, and those that are named.
  private static func split(
    _ section: ConfigNode?, without names: Set<String>
  ) -> (section: ConfigNode, gone: [ConfigNode.Entry]) {
    guard let section, let entries = section.entries else {
      return (section ?? ConfigNode(.null, at: ConfigPlace(source: "")), [])
    }
    let gone = entries.filter { names.contains(NamedComponents.normal($0.key)) }
    let rest = entries.filter { !names.contains(NamedComponents.normal($0.key)) }
    return (ConfigNode(.map(rest), at: section.place), gone)
  }

  /// A list of ids without those that are named.
  private static func list(_ node: ConfigNode?, without names: Set<String>) -> ConfigNode {
    let items = (node?.listItems ?? []).filter { item in
      if case .scalar(let scalar) = item.content { !names.contains(NamedComponents.normal(scalar.text)) } else { true }
    }
    return ConfigNode(.list(items), at: node?.place ?? ConfigPlace(source: ""))
  }

  /// `exporters a, b and 3 more`.
  private static func shown(_ kind: String, _ names: [String]) -> String {
    let most = 8
    let first = names.prefix(most).map { $0.forDisplay(maxCharacters: 64) }.joined(separator: ", ")
    return "\(kind) \(first)" + (names.count > most ? " and \(names.count - most) more" : "")
  }
}

extension ConfigNode {
  /// A map with another value of a key that it has; unchanged if it has none.
  fileprivate func replacing(_ key: String, with value: ConfigNode) -> ConfigNode {
    guard var entries, let index = entries.firstIndex(where: { $0.key == key }) else { return self }
    entries[index].value = value
    return ConfigNode(.map(entries), at: place)
  }

  /// Every text within.
  fileprivate var texts: [String] {
    switch content {
    case .scalar(let scalar): [scalar.text]
    case .list(let items): items.flatMap(\.texts)
    case .map(let entries): entries.flatMap(\.value.texts)
    case .null, .invalid: []
    }
  }
}
