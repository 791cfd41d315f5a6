import Options

/// What attributes are made of in one object of the Kubernetes API; the rest of it is passed over.
package struct KubernetesObject: Sendable {
  /// A label or an annotation.
  typealias Entry = (key: String, value: String)

  /// Who made the object.
  struct Owner: Sendable {
    var kind = ""
    var name = ""
    var uid = ""
  }

  /// A container of a pod; of those that ran before only the last run is told.
  struct Container: Sendable {
    var name = ""
    var image = ""
    var imageID = ""
    var id = ""
  }

  var name = ""
  var namespace = ""
  var uid = ""
  package var resourceVersion = ""
  /// As the API writes it, such as `2026-01-31T09:00:00Z`.
  var creationTime = ""
  var labels: [Entry] = []
  var annotations: [Entry] = []
  var owners: [Owner] = []
  // Of pods:
  var nodeName = ""
  var hostname = ""
  var isOnHostNetwork = false
  var phase = ""
  var startTime = ""
  var addresses: [String] = []
  var containers: [Container] = []

  /// Longer texts than any that are kept are cut here.
  private static let maxTextBytes = 64 << 10
  /// Containers of one pod that are told apart.
  private static let maxContainers = 64
  private static let maxAddresses = 8
  private static let maxOwners = 16

  /// Reads one object; nil if it is no JSON object, or a part that is wanted has another form.
  package init?(parsing json: [UInt8]) {
    var scanner = JSONScanner(json)
    guard read(&scanner), scanner.peek() == nil else { return nil }
  }

  init() {}

  /// Takes an object of the API from the scanner.
  mutating func read(_ scanner: inout JSONScanner) -> Bool {
    scanner.object { scanner, key in
      if scanner.isName(key, "metadata") { return readMetadata(&scanner) }
      if scanner.isName(key, "spec") { return readSpec(&scanner) }
      if scanner.isName(key, "status") { return readStatus(&scanner) }
      return scanner.skipValue()
    }
  }

  private mutating func readMetadata(_ scanner: inout JSONScanner) -> Bool {
    scanner.object { scanner, key in
      if scanner.isName(key, "name") { return Self.read(&name, &scanner) }
      if scanner.isName(key, "namespace") { return Self.read(&namespace, &scanner) }
      if scanner.isName(key, "uid") { return Self.read(&uid, &scanner) }
      if scanner.isName(key, "resourceVersion") { return Self.read(&resourceVersion, &scanner) }
      if scanner.isName(key, "creationTimestamp") { return Self.read(&creationTime, &scanner) }
      if scanner.isName(key, "labels") { return Self.read(&labels, &scanner) }
      if scanner.isName(key, "annotations") { return Self.read(&annotations, &scanner) }
      if scanner.isName(key, "ownerReferences") {
        return Self.readList(&scanner) { scanner in
          var owner = Owner()
          guard owner.read(&scanner) else { return false }
          if owners.count < Self.maxOwners { owners.append(owner) }
          return true
        }
      }
      return scanner.skipValue()
    }
  }

  private mutating func readSpec(_ scanner: inout JSONScanner) -> Bool {
    scanner.object { scanner, key in
      if scanner.isName(key, "nodeName") { return Self.read(&nodeName, &scanner) }
      if scanner.isName(key, "hostname") { return Self.read(&hostname, &scanner) }
      if scanner.isName(key, "hostNetwork") {
        isOnHostNetwork = scanner.take("true")
        return isOnHostNetwork || scanner.skipValue()
      }
      if scanner.isName(key, "containers") || scanner.isName(key, "initContainers") {
        return readContainers(&scanner)
      }
      return scanner.skipValue()
    }
  }

  private mutating func readStatus(_ scanner: inout JSONScanner) -> Bool {
    scanner.object { scanner, key in
      if scanner.isName(key, "phase") { return Self.read(&phase, &scanner) }
      if scanner.isName(key, "startTime") { return Self.read(&startTime, &scanner) }
      if scanner.isName(key, "podIP") { return readAddress(&scanner) }
      if scanner.isName(key, "podIPs") {
        return Self.readList(&scanner) { scanner in
          scanner.object { scanner, key in
            scanner.isName(key, "ip") ? readAddress(&scanner) : scanner.skipValue()
          }
        }
      }
      if scanner.isName(key, "containerStatuses") || scanner.isName(key, "initContainerStatuses") {
        return readContainers(&scanner)
      }
      return scanner.skipValue()
    }
  }

  private mutating func readAddress(_ scanner: inout JSONScanner) -> Bool {
    var address = ""
    guard Self.read(&address, &scanner) else { return false }
    if !address.isEmpty, !addresses.contains(address), addresses.count < Self.maxAddresses {
      addresses.append(address)
    }
    return true
  }

  /// Takes a list of containers or of their states; what both say of one name is one container.
  private mutating func readContainers(_ scanner: inout JSONScanner) -> Bool {
    Self.readList(&scanner) { scanner in
      var read = Container()
      guard read.read(&scanner) else { return false }
      if let index = containers.firstIndex(where: { $0.name == read.name }) {
        containers[index].merge(read)
      } else if containers.count < Self.maxContainers {
        containers.append(read)
      }
      return true
    }
  }

  /// Takes a text; nothing in its place leaves it as it is.
  fileprivate static func read(_ text: inout String, _ scanner: inout JSONScanner) -> Bool {
    guard scanner.peek() == UInt8(ascii: "\"") else { return scanner.skipValue() }
    guard let range = scanner.string() else { return false }
    text = scanner.text(of: range, limitBytes: maxTextBytes)
    return true
  }

  fileprivate static func read(_ entries: inout [Entry], _ scanner: inout JSONScanner) -> Bool {
    guard scanner.peek() == UInt8(ascii: "{") else { return scanner.skipValue() }
    return scanner.object { scanner, key in
      var value = ""
      guard read(&value, &scanner) else { return false }
      entries.append((scanner.text(of: key, limitBytes: maxTextBytes), value))
      return true
    }
  }

  private static func readList(_ scanner: inout JSONScanner, _ element: (inout JSONScanner) -> Bool) -> Bool {
    scanner.peek() == UInt8(ascii: "[") ? scanner.array(element) : scanner.skipValue()
  }
}

extension KubernetesObject.Owner {
  fileprivate mutating func read(_ scanner: inout JSONScanner) -> Bool {
    scanner.object { scanner, key in
      if scanner.isName(key, "kind") { return KubernetesObject.read(&kind, &scanner) }
      if scanner.isName(key, "name") { return KubernetesObject.read(&name, &scanner) }
      if scanner.isName(key, "uid") { return KubernetesObject.read(&uid, &scanner) }
      return scanner.skipValue()
    }
  }
}

extension KubernetesObject.Container {
  fileprivate mutating func read(_ scanner: inout JSONScanner) -> Bool {
    var statusImage = ""
    let isRead = scanner.object { scanner, key in
      if scanner.isName(key, "name") { return KubernetesObject.read(&name, &scanner) }
      if scanner.isName(key, "image") { return KubernetesObject.read(&statusImage, &scanner) }
      if scanner.isName(key, "imageID") { return KubernetesObject.read(&imageID, &scanner) }
      if scanner.isName(key, "containerID") { return KubernetesObject.read(&id, &scanner) }
      return scanner.skipValue()
    }
    image = statusImage
    // A runtime stands before its id: containerd://….
    if let mark = id.firstRange(ofText: "://") { id = String(id[mark.upperBound...]) }
    return isRead
  }

  /// Adds what another part of the pod says. The image that was asked for, which has an id only in the status, wins.
  fileprivate mutating func merge(_ other: Self) {
    if other.imageID.isEmpty && !other.image.isEmpty { image = other.image }
    if image.isEmpty { image = other.image }
    if !other.imageID.isEmpty { imageID = other.imageID }
    if !other.id.isEmpty { id = other.id }
  }
}
