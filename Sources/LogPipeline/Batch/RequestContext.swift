/// What is known of a request beside its records, and what its sender is to be told about them.
///
/// The receiver fills it in only where something asks for it (`IngestPipeline.needsContext`); otherwise it is empty.
package struct RequestContext: Sendable {
  /// Where the slices of this context lie.
  package private(set) var store: [UInt8] = []
  /// The sender's IP address as text, without a port; empty if it is not known.
  package private(set) var clientAddress = ByteSlice.empty
  /// When the request was received, by a clock in nanoseconds that never goes back.
  package private(set) var monotonicNano: UInt64 = 0
  /// What processors have rejected so far.
  package internal(set) var rejections = Rejections()
  /// The tenant that the request's head names; nil if it names none.
  package var tenant: HeadTenant?
  /// Whose shares tenants have a part of that anybody could have named: the sender's network.
  package var sender: [UInt8] = []
  /// Whether the gateway has no room to spare.
  package var isBusy = false
  /// Whether its cores are the reason, or one of several.
  package var areCoresBusy = false
  /// What processors do once it is settled whether the request was accepted; each is called once, from any thread.
  var whenSettled: [@Sendable (_ isAccepted: Bool) -> Void] = []
  private var fields: [Field] = []

  /// One header field or entry of gRPC metadata, or something that authentication knows of the sender.
  private struct Field {
    /// In lower case, or as `claimName` has it.
    var name: ByteSlice
    var value: ByteSlice
  }

  package init() {}

  package init(clientAddress: String, monotonicNano: UInt64) {
    self.clientAddress = keep(clientAddress.utf8)
    self.monotonicNano = monotonicNano
  }

  /// A name as it is compared: in lower case.
  package static func fieldName(_ name: String) -> [UInt8] { name.utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 } }

  /// Before a name it stands for what authentication knows of the sender; no header field's name holds it.
  private static let claimMark: UInt8 = 0

  /// The name by which something is asked for that authentication knows of the sender, such as `username`.
  package static func claimName(_ name: String) -> [UInt8] { [claimMark] + name.utf8 }

  /// The name of a header field, or with `auth.` or `auth.claims.` before it that of something that authentication
  /// knows.
  package static func fieldOrClaimName(_ name: String) -> [UInt8] {
    for prefix in ["auth.claims.", "auth."] where name.hasPrefix(prefix) {
      return claimName(String(name.dropFirst(prefix.count)))
    }
    return fieldName(name)
  }

  /// Adds something that authentication knows of the sender; a name may have several values.
  package mutating func addClaim(_ name: String, _ value: String) {
    let name = keep(Self.claimName(name))
    fields.append(Field(name: name, value: keep(value.utf8)))
  }

  /// Adds a header field; names are compared without regard to case.
  package mutating func addField(_ name: String, _ value: String) {
    if name.utf8.first == Self.claimMark { return }
    let name = keep(name.utf8.lazy.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 })
    fields.append(Field(name: name, value: keep(value.utf8)))
  }

  private mutating func keep(_ bytes: some Collection<UInt8>) -> ByteSlice {
    let start = store.count
    store += bytes
    return ByteSlice(start..<store.count)
  }

  /// The value of the first field of this name, which must be in lower case; nil if there is none.
  package func firstValue(of name: [UInt8]) -> ByteSlice? {
    fields.first { store[$0.name.range].elementsEqual(name) }?.value
  }

  /// The value of one of the fields of this name, which must be in lower case, counted from 0; nil if there are fewer.
  func value(_ index: Int, of name: UnsafeRawBufferPointer) -> ByteSlice? {
    var left = index
    for field in fields where store[field.name.range].elementsEqual(name) {
      if left == 0 { return field.value }
      left &-= 1
    }
    return nil
  }

  /// The values of every field of this name, which must be in lower case.
  func values(of name: [UInt8]) -> [ArraySlice<UInt8>] {
    fields.filter { store[$0.name.range].elementsEqual(name) }.map { store[$0.value.range] }
  }

  /// Whether some field of this name, which must be in lower case, has a value of which `holds` is true.
  package func hasValue(of name: [UInt8], where holds: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    store.withUnsafeBytes { store in
      fields.contains { field in
        store[field.name.range].elementsEqual(name) && holds(UnsafeRawBufferPointer(rebasing: store[field.value.range]))
      }
    }
  }

  /// The values of every field of this name, which must be in lower case, with `;` between them; nil if there is none.
  package func joinedValues(of name: [UInt8]) -> [UInt8]? {
    let values = values(of: name)
    return values.isEmpty ? nil : Array(values.joined(separator: CollectionOfOne(UInt8(ascii: ";"))))
  }
}

/// Records of one request that processors have rejected; their sender hears how many, and why
/// (OTLP specification, "Partial Success").
package struct Rejections: Sendable {
  /// Records that were rejected in one pipeline or more.
  package private(set) var records = 0
  /// Why, each reason once.
  package private(set) var reasons: [String] = []
  /// Rejections: a record that two pipelines have rejected counts twice.
  private(set) var total = 0
  /// By `LogRecord.index`.
  private var isRejected: [Bool] = []

  package init() {}

  mutating func add(_ record: LogRecord) {
    let index = Int(record.index)
    if index >= isRejected.count {
      isRejected.append(contentsOf: repeatElement(false, count: index &+ 1 &- isRejected.count))
    }
    total &+= 1
    if isRejected[index] { return }
    isRejected[index] = true
    records &+= 1
  }

  mutating func add(reason: String) {
    if !reasons.contains(reason) { reasons.append(reason) }
  }
}

extension LogBatch {
  /// Removes the records that are not to be kept and has their sender told of it.
  package mutating func rejectRecords(
    exceptWhere keep: [Bool], because reason: String, of request: inout RequestContext
  ) {
    for index in records.indices where !keep[index] { request.rejections.add(records[index]) }
    if keepRecords(keep) > 0 { request.rejections.add(reason: reason) }
  }
}
