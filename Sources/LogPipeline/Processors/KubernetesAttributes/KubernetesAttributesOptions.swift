package import Options

/// `processors.k8s_attributes`: what the Kubernetes API says of pods, for the resources that they send.
package struct KubernetesAttributesOptions: ProcessorOptions {
  package static let doc = "Adds what the Kubernetes API says of the pod that logs come from to their resource."

  /// How the gateway says who it is.
  package enum Authentication: String, Sendable, CaseIterable {
    case serviceAccount
    case none
    /// Known to the Collector.
    case kubeConfig
  }

  /// Where a pod account's token and the cluster's authorities are mounted.
  private static let accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  package let authentication: Authentication
  /// The API server; nil takes the one that the environment of a pod names.
  package let server: HTTPURL?
  package let tokenFile: String
  package let caFile: String
  /// Whether only the address of the connection is added.
  package let isPassthrough: Bool
  /// How long the gateway waits for the table before it takes requests; nil does not wait.
  package let waitForMetadata: Duration?
  package let filter: KubernetesFilter
  /// The most objects of a kind.
  package let maxObjects: Int
  /// The most bytes of one object as the API writes it.
  package let maxObjectBytes: Int
  let rules: ExtractionRules
  let associations: [PodAssociation]
  let excluded: [Pattern]
  let podDeleteGracePeriod: Duration

  package init(_ options: ConfigReader) {
    authentication = options.read(
      "auth_type", .choice(Authentication.serviceAccount), default: .serviceAccount,
      "serviceAccount sends the token of token_file; none sends none.")
    if authentication == .kubeConfig {
      options.error(at: "auth_type", "kubeConfig is not supported by sluice: give api_server, token_file and ca_file")
    }
    server = options.optional(
      "api_server", .url, "The API server; a pod's environment names it if nothing does. Not in the Collector.")
    tokenFile = options.read(
      "token_file", .nonEmptyString, default: "\(Self.accountFolder)/token",
      "The token, read again for each request. Not in the Collector.")
    caFile = options.read(
      "ca_file", .nonEmptyString, default: "\(Self.accountFolder)/ca.crt",
      "The authorities of the API server's certificate, in PEM. Not in the Collector.")
    if let server, !server.isTLS, authentication == .serviceAccount {
      options.error(at: "api_server", "has to be https://, since a token is sent; auth_type: none sends none")
    }
    isPassthrough = options.read(
      "passthrough", .bool, default: false, "Adds k8s.pod.ip, the sender's address, and asks no API server.")
    let waits = options.read(
      "wait_for_metadata", .bool, default: false, "Whether requests are taken only once the cluster's pods are known.")
    let timeout = options.read(
      "wait_for_metadata_timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: .seconds(10),
      "With wait_for_metadata, the gateway does not start if it takes longer.")
    waitForMetadata = waits ? timeout : nil
    filter = options.section("filter", "Which pods are watched; nothing takes all.") { KubernetesFilter($0) }
    let maxValueBytes = options.read(
      "max_value_size", .byteSize(in: 1...Int(UInt16.max)), default: 4096,
      "Longer labels and annotations are left out. Not in the Collector.")
    let maxAttributes = options.read(
      "max_attributes", .int(in: 1...1000), default: 128,
      "Further attributes of a pod, or of another object, are left out. Not in the Collector.")
    rules = options.section("extract", "Which attributes are added.") {
      ExtractionRules($0, maxValueBytes, maxAttributes)
    }
    let given = options.sections("pod_association", "How a resource says which pod it is of; the first that can.") {
      PodAssociation($0)
    }
    associations = given.isEmpty ? PodAssociation.standard : given
    excluded = options.section("exclude", "Pods that are left out.") { Self.excluded($0) }
    podDeleteGracePeriod = options.read(
      "pod_delete_grace_period", .duration(), default: .seconds(120), "How long a pod is kept that is gone.")
    maxObjects = options.read(
      "max_objects", .int(in: 1...1_000_000), default: 200_000,
      "Pods, and objects of each other kind, that are kept; further ones are not. Not in the Collector.")
    maxObjectBytes = options.read(
      "max_object_size", .byteSize(in: 1024...(64 << 20)), default: 4 << 20,
      "A larger object ends the request that it comes with. Not in the Collector.")
    options.ignored("context", because: "it is of auth_type: kubeConfig")
    options.ignored(
      "kube_api_qps", "kube_api_burst", because: "there is one request at a time for each kind of object")
    options.ignored("watch_sync_period", because: "the table is what lists and watches say")
  }

  private static func excluded(_ options: ConfigReader) -> [Pattern] {
    let names = options.sections("pods", "By their names, for which jaeger-agent and jaeger-collector stand.") {
      $0.pattern("name", "Found anywhere in a name.")
    }
    let isGiven = !options.isEmpty("pods")
    let standard = isGiven ? [] : ["jaeger-agent", "jaeger-collector"].compactMap { try? Pattern($0) }
    return names.compactMap(\.self) + standard
  }

  /// Which namespaces are watched, as the API takes it; empty for all.
  package var namespaceSelector: String {
    if rules.wantsSystemNamespaceOnly { return "metadata.name=\(ExtractionRules.systemNamespace)" }
    guard let namespace = filter.namespace, !rules.metadata.contains(.clusterUID) else { return "" }
    return "metadata.name=\(namespace)"
  }

  package func makeProcessor(id: String) -> (any Processor)? { KubernetesAttributesProcessor(id: id, self) }
}

/// Which pods are watched (`filter`).
package struct KubernetesFilter: Sendable {
  private static let nodeField = "spec.nodeName"

  /// The variable of the environment that names the node.
  private let nodeVariable: String?
  package let namespace: String?
  /// As the API takes it, without the node of the environment; empty for all.
  private let fields: [String]
  /// As the API takes it; empty for all.
  package let labelSelector: String

  /// Comparisons, by their names in the options.
  private enum Comparison: String, Sendable, CaseIterable {
    case equals
    case notEquals = "not-equals"
    case exists
    case doesNotExist = "does-not-exist"
  }

  init(_ options: ConfigReader) {
    let node = options.optional("node", .kubernetesName, "Pods of this node.")
    nodeVariable = options.optional(
      "node_from_env_var", .nonEmptyString, "Pods of the node that this variable of the environment names.")
    if node != nil && nodeVariable != nil {
      options.error(at: "node_from_env_var", "only one of node and node_from_env_var may be given")
    }
    namespace = options.optional("namespace", .kubernetesName, "Pods of this namespace.")
    let fields = options.sections("fields", "Pods with these fields.") {
      Self.term($0, among: [.equals, .notEquals])
    }
    let labels = options.sections("labels", "Pods with these labels.") { Self.term($0, among: Comparison.allCases) }
    self.fields = fields.compactMap(\.self) + (node.map { ["\(Self.nodeField)=\($0)"] } ?? [])
    labelSelector = labels.compactMap(\.self).joined(separator: ",")
  }

  /// Whether a text can be the name of an object, which becomes a part of paths.
  fileprivate static func isName(_ text: String) -> Bool {
    text.utf8.count <= 253 && text.utf8.first.map { $0 != UInt8(ascii: ".") } ?? false
      && text.utf8.allSatisfy { byte in
        byte.isASCIIDigit || "-.".utf8.contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      }
  }

  /// The node that the environment names; nil if it is not to name one.
  package func node(in environment: (String) -> String?) throws(NoNode) -> String? {
    guard let nodeVariable else { return nil }
    guard let node = environment(nodeVariable), Self.isName(node) else { throw NoNode(variable: nodeVariable) }
    return node
  }

  /// That the environment does not name the node that it is to name.
  package struct NoNode: Error, CustomStringConvertible {
    let variable: String
    package var description: String { "\(variable) is not in the environment, or names no node" }
  }

  /// What is asked of fields, once the node of the environment is known; empty for all.
  package func fieldSelector(node: String?) -> String {
    (fields + (node.map { ["\(Self.nodeField)=\($0)"] } ?? [])).joined(separator: ",")
  }

  private static func term(_ options: ConfigReader, among comparisons: [Comparison]) -> String? {
    let key = options.required("key", .selectorText, "Its name.")
    let value = options.optional("value", .selectorText, "What it is compared with.")
    let word = options.read(
      "op", .oneOf(comparisons.map(\.rawValue)), default: Comparison.equals.rawValue, "How it is compared.")
    switch Comparison(rawValue: word) {
    case .equals, nil: return "\(key)=\(value ?? "")"
    case .notEquals: return "\(key)!=\(value ?? "")"
    case .exists: return key
    case .doesNotExist: return "!\(key)"
    }
  }
}

extension OptionType where Value == String {
  fileprivate static var kubernetesName: OptionType {
    text("a name of lower case letters, digits, \"-\" and \".\"") { KubernetesFilter.isName($0) }
  }

  /// A part of a selector, which cannot end it.
  fileprivate static var selectorText: OptionType {
    text("a text of letters, digits and \"-_./\", of 317 at most") { text in
      text.utf8.count <= 317
        && text.utf8.allSatisfy { byte in
          byte.isASCIIDigit || "-_./".utf8.contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }
  }

  private static func text(_ expected: String, _ isOne: @escaping @Sendable (String) -> Bool) -> OptionType {
    var type = OptionType.nonEmptyString
    type.parse = { (text) throws(OptionMismatch) in
      if text.isEmpty || !isOne(text) { throw OptionMismatch(expected) }
      return text
    }
    return type
  }
}

extension ExtractionRules {
  /// Reads `extract`.
  fileprivate init(_ options: ConfigReader, _ maxValueBytes: Int, _ maxAttributes: Int) {
    metadata = Set(
      options.list(
        "metadata", of: .choice(Metadata.podName), default: Self.defaultMetadata, "Attributes of the pod itself."))
    let labels = options.sections("labels", "Labels that become attributes.") { Field($0, isAnnotation: false) }
    let annotations = options.sections("annotations", "Annotations that become attributes.") {
      Field($0, isAnnotation: true)
    }
    let isOTelRead = options.read(
      "otel_annotations", .bool, default: false,
      "Whether annotations resource.opentelemetry.io/NAME become attributes NAME.")
    deploymentFromReplicaSet = options.read(
      "deployment_name_from_replicaset", .bool, default: true,
      "Takes a deployment's name from its replica set's; false watches replica sets.")
    self.maxValueBytes = maxValueBytes
    self.maxAttributes = maxAttributes
    fields = labels.compactMap(\.self) + annotations.compactMap(\.self)
    if isOTelRead, let pattern = try? Pattern("resource\\.opentelemetry\\.io/(.+)") {
      fields.append(Field(source: .pod, isAnnotation: true, key: .pattern(pattern), attribute: "$1"))
    }
  }
}

extension ExtractionRules.Field {
  private static let sources: [KubernetesKind] = [
    .pod, .namespace, .deployment, .statefulset, .daemonset, .job, .node,
  ]

  /// Reads one label or annotation; nil after an error.
  fileprivate init?(_ options: ConfigReader, isAnnotation: Bool) {
    attribute = options.optional("tag_name", .nonEmptyString, "The attribute; $1 and the like stand for groups.")
    let name = options.optional("key", .nonEmptyString, "The key.")
    let pattern = options.pattern("key_regex", "A pattern of whole keys.")
    let from = options.read(
      "from", .oneOf(Self.sources.map(\.rawValue)), default: KubernetesKind.pod.rawValue, "What has it.")
    options.unsupported("regex", because: "the Collector has it no more; attributes can extract parts of values")
    if name != nil && options.has("key_regex") {
      options.error(at: "key_regex", "only one of key and key_regex may be given")
    }
    if name == nil && !options.has("key_regex") { options.requireOne(of: "key", "key_regex") }
    guard let key = name.map({ Key.name($0) }) ?? pattern.map({ Key.pattern($0) }) else { return nil }
    self.key = key
    source = KubernetesKind(rawValue: from) ?? .pod
    self.isAnnotation = isAnnotation
  }
}

extension PodAssociation {
  /// Where a value is taken from, by the names of the options.
  private enum Origin: String, Sendable, CaseIterable {
    case connection
    case resourceAttribute = "resource_attribute"
  }

  /// Reads one association.
  fileprivate init(_ options: ConfigReader) {
    let sources = options.sections("sources", "What the resource has to say, all of it; 4 at most.") { source in
      let origin = source.required("from", .choice(Origin.connection), "The sender's address, or an attribute.")
      let name = source.optional("name", .nonEmptyString, "The attribute of the resource.")
      if origin == .connection { return Source.connection }
      if name == nil { source.requireOne(of: "name") }
      return .attribute(name ?? "")
    }
    options.unsupported("from", "name", because: "they stand below sources")
    if options.isEmpty("sources") { options.requireOne(of: "sources") }
    if sources.count > Self.maxSources {
      options.error(at: "sources", "found \(sources.count): the limit is \(Self.maxSources)")
    }
    self.init(sources)
  }
}
