import Options

/// `processors.k8s_attributes`: adds to resources what the Kubernetes API says of the pod that they are of.
///
/// Works by resource, whatever number of records it has; what a resource already says stays as it is.
package struct KubernetesAttributesProcessor: Processor {
  package let id: String
  /// How the API is reached, and what is asked of it.
  package let options: KubernetesAttributesOptions
  /// What is known of the cluster.
  package let store: KubernetesStore
  /// Resources whose pod was found.
  package let associated = RecordCount()
  /// Resources whose pod was not found, or that do not say which it is.
  package let unassociated = RecordCount()
  private let associations: [Association]

  private static let podIP = Array("k8s.pod.ip".utf8)
  private static let containerName = Array("k8s.container.name".utf8)
  private static let containerID = Array("container.id".utf8)
  private static let namespaceName = Array("k8s.namespace.name".utf8)
  private static let nodeName = Array("k8s.node.name".utf8)
  private static let imageDigests = Array(ExtractionRules.Metadata.imageDigests.rawValue.utf8)

  init(id: String, _ options: KubernetesAttributesOptions) {
    self.id = id
    self.options = options
    store = KubernetesStore(options)
    let forms = store.maker.forms
    associations = options.associations.map { association in
      Association(association, space: KeySpace.pods(forms.firstIndex(of: association.properties) ?? 0))
    }
  }

  package var needsContext: Bool { true }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) {
    let table = store.table
    var found = 0
    for index in batch.resources.indices {
      var resource = ResourceEdit(editor: AttributeEditor(batch.resources[index].attributes), table, request)
      if annotate(&resource, in: &batch) { found &+= 1 }
      batch.resources[index].attributes = resource.editor.range
    }
    if options.isPassthrough { return }
    associated.add(found)
    unassociated.add(batch.resources.count &- found)
  }

  /// Adds what is known to a resource; says whether its pod is known.
  private func annotate(_ resource: inout ResourceEdit, in batch: inout LogBatch) -> Bool {
    let key = podKey(of: &resource, in: &batch)
    if options.isPassthrough { return false }
    guard let row = key.flatMap({ resource.table[$0] }) else {
      addNamed(.namespace, to: &resource, in: &batch)
      addNamed(.node, to: &resource, in: &batch)
      return false
    }
    resource.add(row, to: &batch)
    addContainer(of: row, to: &resource, in: &batch)
    row.forEachLink { resource.add(linked: $0, depth: 2, to: &batch) }
    return true
  }

  /// The key of the first association of which the resource has every value. The address of the connection, if that
  /// counts, becomes an attribute.
  private func podKey(of resource: inout ResourceEdit, in batch: inout LogBatch) -> TableKey? {
    for association in associations {
      guard let key = resource.key(for: association, in: batch) else { continue }
      if association.givesAddress { resource.addAddress(Self.podIP, to: &batch) }
      return key
    }
    return nil
  }

  /// Adds what the container gives that the resource names; that of the pod if it has only one.
  private func addContainer(of row: TableRow, to resource: inout ResourceEdit, in batch: inout LogBatch) {
    let name = resource.text(of: Self.containerName, in: batch)
    let id = name == nil ? resource.text(of: Self.containerID, in: batch) : nil
    row.forEachAttribute(ofContainer: { ownName, ownID, isOnly in
      if let name { return batch.store.span.bytes.extracting(name.range).isEqual(to: ownName) }
      if let id { return batch.store.span.bytes.extracting(id.range).isEqual(to: ownID) }
      return isOnly
    }) { number, value in
      let key = resource.table.names[Int(number)]
      if key == Self.imageDigests {
        resource.addList(key, value, to: &batch)
      } else {
        resource.add(key, value, to: &batch)
      }
    }
  }

  /// Adds what a namespace or node gives that the resource names itself, as it is not known of which pod it is.
  private func addNamed(_ kind: KubernetesKind, to resource: inout ResourceEdit, in batch: inout LogBatch) {
    guard store.kinds.contains(kind) else { return }
    var builder = TableKeyBuilder(KeySpace.object(kind))
    let isNamed = resource.withText(of: kind == .node ? Self.nodeName : Self.namespaceName, in: batch) { text in
      builder.add(text)
      return !text.isEmpty
    }
    if isNamed { resource.add(linked: builder.key, depth: 1, to: &batch) }
  }
}

/// An association as it is looked up.
private struct Association: Sendable {
  enum Source: Sendable {
    case connection
    case attribute([UInt8])
  }

  let sources: [Source]
  let space: Int
  let isAddressOnly: Bool
  let givesAddress: Bool

  init(_ association: PodAssociation, space: Int) {
    sources = association.sources.map { source in
      switch source {
      case .connection: .connection
      case .attribute(let name): .attribute(Array(name.utf8))
      }
    }
    self.space = space
    isAddressOnly = association.isAddressOnly
    givesAddress = association.sources.contains(.connection)
  }
}

/// The attributes of a resource while they are added to, and what they come from.
private struct ResourceEdit {
  var editor: AttributeEditor
  let table: KubernetesTable
  private let request: RequestContext

  init(editor: AttributeEditor, _ table: KubernetesTable, _ request: RequestContext) {
    self.editor = editor
    self.table = table
    self.request = request
  }

  /// The key that the values of an association make; nil if one of them is not there.
  func key(for association: Association, in batch: borrowing LogBatch) -> TableKey? {
    var builder = TableKeyBuilder(association.space)
    for source in association.sources {
      let isThere =
        switch source {
        case .connection:
          request.withClientAddress { address in
            builder.add(address)
            return !address.isEmpty
          }
        case .attribute(let name):
          withText(of: name, in: batch) { text in
            builder.add(text)
            return !text.isEmpty && (!association.isAddressOnly || IPAddressText.isOne(text))
          }
        }
      if !isThere { return nil }
    }
    return builder.key
  }

  /// Where the text of an attribute lies; nil if there is none, or it is empty or no text.
  func text(of name: [UInt8], in batch: borrowing LogBatch) -> ByteSlice? {
    guard let index = name.withUnsafeBytes({ editor.index(of: $0, in: batch) }) else { return nil }
    let value = batch.attributes[index].value
    return value.kind == .string && !value.slice.isEmpty ? value.slice : nil
  }

  /// Calls `body` with the text of an attribute, or with nothing.
  func withText(of name: [UInt8], in batch: borrowing LogBatch, _ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    guard let slice = text(of: name, in: batch) else { return body(.empty) }
    return batch.store.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[slice.range])) }
  }

  /// Adds the address of the connection.
  mutating func addAddress(_ name: [UInt8], to batch: inout LogBatch) {
    request.withClientAddress { add(name, $0, to: &batch) }
  }

  /// Adds an attribute unless there is one of this name that is not empty.
  mutating func add(_ name: [UInt8], _ text: UnsafeRawBufferPointer, to batch: inout LogBatch) {
    guard isFree(name, in: batch), let slice = batch.store(text) else { return }
    set(name, to: .string(slice), in: &batch)
  }

  /// Adds an attribute that is a list of one text.
  mutating func addList(_ name: [UInt8], _ text: UnsafeRawBufferPointer, to batch: inout LogBatch) {
    guard isFree(name, in: batch), batch.nested.count < Int(UInt32.max), let slice = batch.store(text) else { return }
    batch.nested.append(Attribute(key: .empty, value: .string(slice)))
    set(name, to: .array(EntryRange(batch.nested.count &- 1..<batch.nested.count)), in: &batch)
  }

  private func isFree(_ name: [UInt8], in batch: borrowing LogBatch) -> Bool {
    guard let index = name.withUnsafeBytes({ editor.index(of: $0, in: batch) }) else { return true }
    let value = batch.attributes[index].value
    return value.kind == .empty || value.kind == .string && value.slice.isEmpty
  }

  private mutating func set(_ name: [UInt8], to value: Value, in batch: inout LogBatch) {
    guard let key = batch.store(name) else { return }
    editor.set(Attribute(key: key, value: value), in: &batch)
  }

  /// Adds the attributes of a row.
  mutating func add(_ row: TableRow, to batch: inout LogBatch) {
    row.forEachAttribute { number, value in add(table.names[Int(number)], value, to: &batch) }
  }

  /// Adds the attributes of the object that a link leads to, and of those that its own lead to.
  mutating func add(linked key: TableKey, depth: Int, to batch: inout LogBatch) {
    guard depth > 0, let row = table[key] else { return }
    add(row, to: &batch)
    row.forEachLink { add(linked: $0, depth: depth &- 1, to: &batch) }
  }
}

extension RequestContext {
  /// Calls `body` with the sender's address: an IPv4 address in the form that it has by itself.
  fileprivate func withClientAddress<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    store.withUnsafeBytes { store in
      let address = UnsafeRawBufferPointer(rebasing: store[clientAddress.range])
      let mapped: StaticString = "::ffff:"
      guard address.starts(with: mapped.rawBytes), address.contains(UInt8(ascii: ".")) else { return body(address) }
      return body(UnsafeRawBufferPointer(rebasing: address[mapped.utf8CodeUnitCount...]))
    }
  }
}

/// Tells addresses from names.
private enum IPAddressText {
  /// Whether a text is an IPv4 or IPv6 address, as far as its characters tell: names have other ones.
  static func isOne(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count <= 45 else { return false }
    if text.contains(UInt8(ascii: ":")) {
      return text.allSatisfy { $0.isASCIIDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || isHex($0) }
    }
    return text.allSatisfy { $0.isASCIIDigit || $0 == UInt8(ascii: ".") }
      && text.count { $0 == UInt8(ascii: ".") } == 3
  }

  private static func isHex(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20) }
}
