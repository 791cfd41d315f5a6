import Options

/// Makes rows of objects: what extraction rules take of them, under the keys that associations look for.
struct RowMaker: Sendable {
  let rules: ExtractionRules
  /// What associations compare, each once; its index is the number of the form in keys.
  let forms: [[PodAssociation.Property]]
  private let kinds: Set<KubernetesKind>
  private let linksNamespaces: Bool

  /// Keys of one form that a pod has at most, one for each of its addresses or containers.
  private static let maxKeysOfForm = 64

  init(_ rules: ExtractionRules, _ associations: [PodAssociation]) {
    self.rules = rules
    kinds = Set(rules.kinds)
    linksNamespaces = kinds.contains(.namespace) && !rules.wantsSystemNamespaceOnly
    var forms: [[PodAssociation.Property]] = []
    for association in associations where !forms.contains(association.properties) {
      forms.append(association.properties)
    }
    self.forms = forms
  }

  /// What tells an object from others of its kind; one that is made anew is another, even of the same name.
  func identity(of object: KubernetesObject, _ kind: KubernetesKind) -> TableKey {
    TableKey(KeySpace.object(kind), "uid", object.uid.isEmpty ? "\(object.namespace)/\(object.name)" : object.uid)
  }

  /// The row of an object; `number` gives the number of an attribute's name.
  func row(of object: KubernetesObject, _ kind: KubernetesKind, number: (String) -> UInt16?) -> TableRow {
    var content = TableRow.Content(identity: identity(of: object, kind))
    let found = kind == .pod ? rules.attributes(ofPod: object) : rules.attributes(of: object, kind)
    content.attributes = numbered(found, number)
    content.links = links(of: object, kind)
    switch kind {
    case .pod:
      content.startTime = Self.number(ofTime: object.startTime)
      content.keys = podKeys(object, found)
      if rules.wantsContainers {
        content.containers = object.containers.map { container in
          (container.name, container.id, numbered(rules.attributes(of: container, in: object), number))
        }
      }
    case .namespace, .node: content.keys = [TableKey(KeySpace.object(kind), object.name)]
    default: content.keys = [TableKey(KeySpace.object(kind), object.uid)]
    }
    return TableRow(content)
  }

  /// The row that gives the cluster's uid, which is that of a namespace; nil of other objects.
  func clusterRow(of object: KubernetesObject, _ kind: KubernetesKind, number: (String) -> UInt16?) -> TableRow? {
    guard kind == .namespace, object.name == ExtractionRules.systemNamespace, rules.metadata.contains(.clusterUID),
      let name = number(ExtractionRules.Metadata.clusterUID.rawValue)
    else { return nil }
    let key = TableKey(KeySpace.cluster)
    return TableRow(TableRow.Content(identity: key, keys: [key], attributes: [(name, object.uid)]))
  }

  private func numbered(_ found: ExtractedAttributes, _ number: (String) -> UInt16?) -> [TableRow.Attribute] {
    found.list.compactMap { attribute in number(attribute.name).map { ($0, attribute.value) } }
  }

  private func links(of object: KubernetesObject, _ kind: KubernetesKind) -> [TableKey] {
    var links = object.owners.compactMap { owner -> TableKey? in
      guard let kind = KubernetesKind.owner(named: owner.kind), kinds.contains(kind) else { return nil }
      return TableKey(KeySpace.object(kind), owner.uid)
    }
    guard kind == .pod else { return links }
    if linksNamespaces { links.append(TableKey(KeySpace.object(.namespace), object.namespace)) }
    if kinds.contains(.node) { links.append(TableKey(KeySpace.object(.node), object.nodeName)) }
    if rules.metadata.contains(.clusterUID) { links.append(TableKey(KeySpace.cluster)) }
    return links
  }

  private func podKeys(_ pod: KubernetesObject, _ found: ExtractedAttributes) -> [TableKey] {
    forms.enumerated().flatMap { number, properties -> [TableKey] in
      var combinations: [[String]] = [[]]
      for property in properties {
        let values = values(of: property, pod, found).filter { !$0.isEmpty }
        combinations = combinations.flatMap { start in values.map { start + [$0] } }
        combinations = Array(combinations.prefix(Self.maxKeysOfForm))
      }
      return combinations.map { TableKey(KeySpace.pods(number), $0) }
    }
  }

  private func values(
    of property: PodAssociation.Property, _ pod: KubernetesObject, _ found: ExtractedAttributes
  ) -> [String] {
    switch property {
    case .address:
      // Pods on the network of their node share its address, and that of a pod that has ended is free for others.
      pod.isOnHostNetwork || pod.phase == "Succeeded" || pod.phase == "Failed" ? [] : pod.addresses
    case .name: [pod.name]
    case .namespace: [pod.namespace]
    case .uid: [pod.uid]
    case .containerID: pod.containers.map(\.id)
    case .attribute(let name): [found.value(of: name)]
    }
  }

  /// A time of the API, such as `2026-01-31T09:00:00Z`, as its digits; 0 if it has another form.
  static func number(ofTime text: String) -> Int64 {
    let digits = text.utf8.prefix(19).filter(\.isASCIIDigit)
    return digits.count == 14 ? digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } : 0
  }
}
