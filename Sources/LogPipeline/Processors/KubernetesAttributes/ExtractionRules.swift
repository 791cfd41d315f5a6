import Options

/// Which attributes are made of objects of the Kubernetes API (`extract`).
package struct ExtractionRules: Sendable {
  /// An attribute that `extract.metadata` may name.
  package enum Metadata: String, Sendable, CaseIterable {
    case namespaceName = "k8s.namespace.name"
    case podName = "k8s.pod.name"
    case podUID = "k8s.pod.uid"
    case podHostname = "k8s.pod.hostname"
    case podIP = "k8s.pod.ip"
    case podStartTime = "k8s.pod.start_time"
    case nodeName = "k8s.node.name"
    case nodeUID = "k8s.node.uid"
    case clusterUID = "k8s.cluster.uid"
    case replicaSetName = "k8s.replicaset.name"
    case replicaSetUID = "k8s.replicaset.uid"
    case deploymentName = "k8s.deployment.name"
    case deploymentUID = "k8s.deployment.uid"
    case daemonSetName = "k8s.daemonset.name"
    case daemonSetUID = "k8s.daemonset.uid"
    case statefulSetName = "k8s.statefulset.name"
    case statefulSetUID = "k8s.statefulset.uid"
    case jobName = "k8s.job.name"
    case jobUID = "k8s.job.uid"
    case cronJobName = "k8s.cronjob.name"
    case cronJobUID = "k8s.cronjob.uid"
    case containerName = "k8s.container.name"
    case containerID = "container.id"
    case imageName = "container.image.name"
    case imageTag = "container.image.tag"
    case imageDigests = "container.image.repo_digests"
    case serviceName = "service.name"
    case serviceNamespace = "service.namespace"
    case serviceVersion = "service.version"
    case serviceInstanceID = "service.instance.id"
  }

  /// What `extract.metadata` is if it is not given.
  package static let defaultMetadata: [Metadata] = [
    .namespaceName, .podName, .podUID, .podStartTime, .deploymentName, .nodeName,
  ]
  private static let containerMetadata: Set<Metadata> = [
    .containerName, .containerID, .imageName, .imageTag, .imageDigests, .serviceVersion, .serviceInstanceID,
  ]
  /// The namespace whose uid stands for the cluster's.
  static let systemNamespace = "kube-system"

  /// Labels or annotations of one kind of object that become attributes.
  package struct Field: Sendable {
    /// Which keys.
    package enum Key: Sendable {
      case name(String)
      /// A pattern of the whole key.
      case pattern(Pattern)
    }

    var source: KubernetesKind
    var isAnnotation: Bool
    var key: Key
    /// The attribute; with a pattern `$1` and the like stand for its groups. Nil takes the name from the key.
    var attribute: String?
  }

  package var metadata: Set<Metadata>
  package var fields: [Field]
  /// Takes the deployment's name from that of the replica set, which is not watched then.
  package var deploymentFromReplicaSet: Bool
  /// Longer values are left out.
  package var maxValueBytes: Int
  /// Further attributes of an object are left out.
  package var maxAttributes: Int

  /// The kinds of objects that have to be watched.
  package var kinds: [KubernetesKind] {
    var kinds = Set(fields.map(\.source)).union([.pod])
    if metadata.contains(.nodeUID) { kinds.insert(.node) }
    if metadata.contains(.clusterUID) { kinds.insert(.namespace) }
    if metadata.contains(.cronJobUID) { kinds.insert(.job) }
    let asksReplicaSets = metadata.contains(.deploymentUID) || kinds.contains(.deployment)
    if asksReplicaSets || metadata.contains(.deploymentName) && !deploymentFromReplicaSet { kinds.insert(.replicaset) }
    return KubernetesKind.allCases.filter { kinds.contains($0) }
  }

  /// Whether nothing is asked of namespaces but the one that names the cluster.
  package var wantsSystemNamespaceOnly: Bool { !fields.contains { $0.source == .namespace } }

  var wantsContainers: Bool { !metadata.isDisjoint(with: Self.containerMetadata) }
}

/// Attributes in the order in which they were set first; the value that was set last counts.
struct ExtractedAttributes {
  private(set) var list: [(name: String, value: String)] = []
  private let maxValueBytes: Int
  private let maxCount: Int

  init(_ rules: ExtractionRules) { (maxValueBytes, maxCount) = (rules.maxValueBytes, rules.maxAttributes) }

  mutating func set(_ name: String, _ value: String) {
    guard !name.isEmpty, !value.isEmpty, value.utf8.count <= maxValueBytes else { return }
    if let index = list.firstIndex(where: { $0.name == name }) {
      list[index].value = value
    } else if list.count < maxCount {
      list.append((name, value))
    }
  }

  func value(of name: String) -> String { list.first { $0.name == name }?.value ?? "" }
}

extension ExtractionRules {
  /// The attributes that a pod gives to what comes from it, but for those of single containers.
  func attributes(ofPod pod: KubernetesObject) -> ExtractedAttributes {
    var found = ExtractedAttributes(self)
    func set(_ name: Metadata, _ value: String) { if metadata.contains(name) { found.set(name.rawValue, value) } }
    set(.namespaceName, pod.namespace)
    set(.podName, pod.name)
    set(.podUID, pod.uid)
    set(.podHostname, pod.hostname)
    set(.podIP, pod.addresses.first ?? "")
    set(.podStartTime, pod.creationTime)
    set(.serviceNamespace, pod.namespace)
    set(.serviceName, pod.name)
    for owner in pod.owners {
      for (name, value) in names(from: owner) { set(name, value) }
    }
    set(.nodeName, pod.nodeName)
    for name in ["app.kubernetes.io/name", "app.kubernetes.io/instance"] {
      if let label = pod.labels.first(where: { $0.key == name }) { set(.serviceName, label.value) }
    }
    if let label = pod.labels.first(where: { $0.key == "app.kubernetes.io/version" }) {
      set(.serviceVersion, label.value)
    }
    addFields(of: pod, .pod, to: &found)
    return found
  }

  /// What an owner of a pod says; of two values for a name the later counts.
  private func names(from owner: KubernetesObject.Owner) -> [(Metadata, String)] {
    switch KubernetesKind.owner(named: owner.kind) {
    case .replicaset:
      // A deployment names its replica sets after itself and a hash of their template.
      let deployment = Self.withoutLastPart(owner.name)
      return [
        (.replicaSetName, owner.name), (.replicaSetUID, owner.uid), (.serviceName, owner.name),
        (.deploymentName, deploymentFromReplicaSet ? deployment : ""), (.serviceName, deployment),
      ]
    case .daemonset: return [(.daemonSetName, owner.name), (.daemonSetUID, owner.uid), (.serviceName, owner.name)]
    case .statefulset:
      return [(.statefulSetName, owner.name), (.statefulSetUID, owner.uid), (.serviceName, owner.name)]
    case .job:
      // A cron job names its jobs after the time at which they are due.
      let cronJob = Self.withoutLastPart(owner.name, ofDigits: true)
      return [
        (.jobName, owner.name), (.jobUID, owner.uid), (.serviceName, owner.name), (.cronJobName, cronJob),
        (.serviceName, cronJob),
      ]
    default: return []
    }
  }

  /// A name without its last part and the hyphen before that; empty if it has only one part.
  private static func withoutLastPart(_ name: String, ofDigits: Bool = false) -> String {
    guard let hyphen = name.utf8.lastIndex(of: UInt8(ascii: "-")) else { return "" }
    let last = name.utf8[name.utf8.index(after: hyphen)...]
    if last.isEmpty || ofDigits && !last.allSatisfy({ $0.isASCIIDigit }) { return "" }
    return String(name[..<hyphen])
  }

  /// The attributes of one container of a pod.
  func attributes(of container: KubernetesObject.Container, in pod: KubernetesObject) -> ExtractedAttributes {
    var found = ExtractedAttributes(self)
    func set(_ name: Metadata, _ value: String) { if metadata.contains(name) { found.set(name.rawValue, value) } }
    let image = ImageReference(container.image)
    set(.containerName, container.name)
    set(.containerID, container.id)
    set(.imageName, image.repository)
    set(.imageTag, image.tag.isEmpty && image.digest.isEmpty && !image.repository.isEmpty ? "latest" : image.tag)
    if let mark = container.imageID.firstRange(ofText: "://") {
      set(.imageDigests, ImageReference.canonical(String(container.imageID[mark.upperBound...])))
    } else {
      set(.imageDigests, ImageReference.canonical(container.imageID))
    }
    let versions = [image.tag, image.digest].filter { !$0.isEmpty }
    set(.serviceVersion, versions.joined(separator: "@"))
    set(.serviceInstanceID, "\(pod.namespace).\(pod.name).\(container.name)")
    return found
  }

  /// The attributes that an object other than a pod gives to the pods that belong to it.
  func attributes(of object: KubernetesObject, _ kind: KubernetesKind) -> ExtractedAttributes {
    var found = ExtractedAttributes(self)
    func set(_ name: Metadata, _ value: String) { if metadata.contains(name) { found.set(name.rawValue, value) } }
    let maker = object.owners.first
    switch (kind, maker?.kind) {
    case (.node, _): set(.nodeUID, object.uid)
    case (.replicaset, "Deployment"):
      set(.deploymentUID, maker?.uid ?? "")
      set(.deploymentName, maker?.name ?? "")
    case (.job, "CronJob"): set(.cronJobUID, maker?.uid ?? "")
    default: break
    }
    addFields(of: object, kind, to: &found)
    return found
  }

  private func addFields(of object: KubernetesObject, _ kind: KubernetesKind, to found: inout ExtractedAttributes) {
    // Annotations come last, so that they win.
    for isAnnotation in [false, true] {
      for field in fields where field.source == kind && field.isAnnotation == isAnnotation {
        for entry in isAnnotation ? object.annotations : object.labels {
          if let name = field.attribute(for: entry.key) { found.set(name, entry.value) }
        }
      }
    }
  }
}

extension ExtractionRules.Field {
  /// The attribute that a label or annotation of this key becomes; nil if it is not meant.
  func attribute(for key: String) -> String? {
    switch self.key {
    case .name(let name): return name == key ? attribute ?? defaultName(key) : nil
    case .pattern(let pattern):
      var key = key
      return key.withUTF8 { bytes in
        let bytes = UnsafeRawBufferPointer(bytes)
        return pattern.withCaptures(in: bytes) { captures -> String? in
          guard captures.whole == 0..<bytes.count else { return nil }
          let text = String(decoding: bytes, as: UTF8.self)
          guard let attribute, !pattern.groupNames.isEmpty else { return attribute ?? defaultName(text) }
          return Self.expand(attribute, groups: pattern.groupNames.count) { group in
            captures[group].map { String(decoding: bytes[$0], as: UTF8.self) } ?? ""
          }
        } ?? nil
      }
    }
  }

  private func defaultName(_ key: String) -> String {
    "k8s.\(source.rawValue).\(isAnnotation ? "annotations" : "labels").\(key)"
  }

  /// A text with `$1` and `${1}` replaced by what these groups have.
  private static func expand(_ text: String, groups: Int, _ value: (Int) -> String) -> String {
    var result = ""
    var rest = Substring(text)
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      var after = rest[rest.index(after: dollar)...]
      let isBraced = after.first == "{"
      if isBraced { after = after.dropFirst() }
      let digits = after.prefix { $0.isASCII && $0.isNumber }.prefix(3)
      let end = after[digits.endIndex...]
      guard let group = Int(digits), !isBraced || end.first == "}" else {
        result += "$"
        rest = rest[rest.index(after: dollar)...]
        continue
      }
      if (1...groups).contains(group) { result += value(group) }
      rest = isBraced ? end.dropFirst() : end
    }
    return result + rest
  }
}

/// The parts of a container image's name, `registry/path:tag@digest`.
struct ImageReference {
  private(set) var repository: String
  private(set) var tag = ""
  private(set) var digest = ""

  init(_ text: String) {
    var rest = Substring(text)
    if let at = rest.firstIndex(of: "@") {
      digest = String(rest[rest.index(after: at)...])
      rest = rest[..<at]
    }
    let path = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
    if let colon = rest[path...].firstIndex(of: ":") {
      tag = String(rest[rest.index(after: colon)...])
      rest = rest[..<colon]
    }
    repository = String(rest)
  }

  /// A name with its digest and without its tag; empty if it has no digest or no name.
  static func canonical(_ text: String) -> String {
    let image = ImageReference(text)
    return image.digest.isEmpty || image.repository.isEmpty ? "" : "\(image.repository)@\(image.digest)"
  }
}
