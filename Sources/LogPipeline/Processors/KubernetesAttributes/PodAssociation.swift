/// How a resource says which pod it is of (`pod_association`): all sources of one association together.
package struct PodAssociation: Sendable {
  /// The most sources of an association.
  package static let maxSources = 4

  /// Where a value comes from.
  package enum Source: Sendable, Equatable {
    /// The address that the request came from.
    case connection
    case attribute(String)
  }

  /// What a value is compared with.
  enum Property: Hashable {
    case address, name, namespace, uid, containerID
    /// An attribute that is extracted.
    case attribute(String)

    init(_ source: Source) {
      switch source {
      case .connection, .attribute("k8s.pod.ip"), .attribute("host.name"), .attribute("ip"): self = .address
      case .attribute("k8s.pod.name"): self = .name
      case .attribute("k8s.namespace.name"): self = .namespace
      case .attribute("k8s.pod.uid"): self = .uid
      case .attribute("container.id"): self = .containerID
      case .attribute(let name): self = .attribute(name)
      }
    }
  }

  var sources: [Source]
  /// Whether a value counts only if it is an IP address.
  var isAddressOnly = false

  package init(_ sources: [Source]) { self.sources = sources }

  /// What counts if none is given: the addresses that a resource may carry, then that of the connection.
  package static let standard: [PodAssociation] = {
    var hostName = PodAssociation([.attribute("host.name")])
    hostName.isAddressOnly = true
    return [
      PodAssociation([.attribute("k8s.pod.ip")]), PodAssociation([.attribute("ip")]), PodAssociation([.connection]),
      hostName,
    ]
  }()

  var properties: [Property] { sources.map { Property($0) } }
}

/// Where an object is found in the table: a hash under a key of this process, which a sender cannot aim at.
struct TableKey: Hashable, Sendable {
  let hash: UInt64

  init(hash: UInt64) { self.hash = hash }

  /// The key of some values in a space of their own.
  init(_ space: Int, _ values: String...) {
    self.init(space, values)
  }

  init(_ space: Int, _ values: [String]) {
    var builder = TableKeyBuilder(space)
    for var value in values { value.withUTF8 { builder.add(UnsafeRawBufferPointer($0)) } }
    self = builder.key
  }

  // It is a hash already.
  func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// Makes a key of bytes, value by value, and allocates nothing.
struct TableKeyBuilder {
  private var hasher = Hasher()

  init(_ space: Int) { hasher.combine(space) }

  mutating func add(_ value: UnsafeRawBufferPointer) {
    hasher.combine(value.count)
    hasher.combine(bytes: value)
  }

  var key: TableKey { TableKey(hash: UInt64(bitPattern: Int64(hasher.finalize()))) }
}

/// The spaces of keys, so that the name of a node is not that of a namespace.
enum KeySpace {
  /// The object of a kind that has a uid or, of namespaces and nodes, a name.
  static func object(_ kind: KubernetesKind) -> Int { KubernetesKind.allCases.firstIndex(of: kind) ?? 0 }
  static let cluster = 100
  /// Pods by the values of an association, which has this number.
  static func pods(_ form: Int) -> Int { 1000 &+ form }
}
