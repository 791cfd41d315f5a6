/// The header fields that a tenant's records are sent under, where these decide whose the records are to a destination.
///
/// Two tenants never have the same fields unless the configuration gives them the same.
package enum TenantFields: Sendable {
  /// The tenant's name, or what stands for it, in one field; none for records of no tenant.
  case named(TenantHeader)
  /// What a list says.
  case listed(TenantList)

  /// Appends the fields of a tenant, as a `SectionMark` has them; none for records that go as the exporter's do.
  func append(_ tenant: RawSpan, to fields: inout [UInt8]) {
    switch self {
    case .listed(let list): fields += list.fields(of: tenant)
    case .named(let header): header.append(tenant, to: &fields)
    }
  }
}

/// The header field that says whose records are (`tenant_header`), and what it holds for tenants that are listed.
package struct TenantHeader: Sendable {
  /// The name of the field.
  package let name: String
  private let listed: TenantList
  /// The values of those, as names: no other tenant's field holds one.
  private let values: TenantList
  private let start: [UInt8]

  /// A field of this name with the tenant's own name, or the value that is listed for it: visible ASCII without `%`.
  package init(_ name: String, listed: [(tenant: String, value: String)] = []) {
    self.name = name
    self.listed = TenantList(listed.map { ($0.tenant, [DialectRoute.Header(name, $0.value)]) }, others: [])
    values = TenantList(listed.map { ($0.value, []) }, others: [])
    start = Array("\(name): ".utf8)
  }

  fileprivate func append(_ tenant: RawSpan, to fields: inout [UInt8]) {
    if tenant.isEmpty { return }
    if let own = listed.listedFields(of: tenant) { return fields += own }
    fields += start
    let valueStart = fields.count
    TenantText.append(tenant, to: &fields)
    let isTaken = values.listedFields(of: fields.span.bytes.extracting(valueStart..<fields.count)) != nil
    if !isTaken { return }
    fields.removeSubrange(valueStart...)
    TenantText.append(tenant, to: &fields, isEncodedWhole: true)
  }
}

/// Which header fields the tenants of a configuration have, and all others.
package struct TenantList: Sendable {
  private var entries: [(name: [UInt8], fields: [UInt8])] = []
  /// The entries by the fingerprints of their names.
  private var index: [UInt64: [Int]] = [:]
  private let others: [UInt8]

  /// A list of header fields by the names of tenants, and those of all others.
  package init(_ tenants: [(name: String, fields: [DialectRoute.Header])], others: [DialectRoute.Header]) {
    self.others = DialectRoute.Header.text(of: others)
    for (name, fields) in tenants {
      let bytes = Array(name.utf8)
      index[bytes.withUnsafeBytes { Fingerprint.of($0) }, default: []].append(entries.count)
      entries.append((bytes, DialectRoute.Header.text(of: fields)))
    }
  }

  fileprivate func fields(of tenant: RawSpan) -> [UInt8] { listedFields(of: tenant) ?? others }

  /// Nil if the tenant is not listed.
  fileprivate func listedFields(of tenant: RawSpan) -> [UInt8]? {
    let found = index[tenant.withUnsafeBytes { Fingerprint.of($0) }] ?? []
    let entry = found.first { entries[$0].name.withUnsafeBytes { tenant.isEqual(to: $0) } }
    return entry.map { entries[$0].fields }
  }
}

/// A tenant's name as the value of a header field: visible ASCII as it is, all else and `%` percent-encoded; or all.
enum TenantText {
  /// The longest name that is written out; of a longer one, which no receiver gives, stands the SHA-256.
  static let maxBytes = 128

  static func append(_ name: RawSpan, to value: inout [UInt8], isEncodedWhole: Bool = false) {
    name.withUnsafeBytes { name in
      guard name.count <= maxBytes else { return value += "sha256-".utf8 + digest(of: name) }
      for byte in name {
        if !isEncodedWhole, byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
          value.append(byte)
        } else {
          value += [UInt8(ascii: "%"), upperHexDigit(byte &>> 4), upperHexDigit(byte & 15)]
        }
      }
    }
  }

  /// The SHA-256 of a name in hexadecimal digits, or so many of them.
  static func digest(of name: UnsafeRawBufferPointer, digits: Int = 64) -> [UInt8] {
    let words = SHA256.digest(of: name)
    return (0..<min(max(digits, 0), 64)).map { digit in
      hexDigit(UInt8(truncatingIfNeeded: words[digit / 8] &>> UInt32(28 &- digit % 8 &* 4)) & 15)
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }
  private static func upperHexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x37 &+ value }
}

/// Tells where in a batch other header fields begin; with no fields to send, nowhere.
struct TenantSections: ~Copyable {
  private let fields: TenantFields?
  private let isNeeded: Bool
  private var scope: UInt32?
  private var tenant: ByteSlice?
  /// The fields of the tenant at hand.
  private var text: [UInt8] = []

  init(_ fields: TenantFields?) {
    self.fields = fields
    isNeeded = fields != nil
  }

  /// Whether the records of a scope are another tenant's than those before; if so, `begin` has to follow.
  @inline(__always)
  mutating func changes(at scope: UInt32, of batch: borrowing LogBatch) -> Bool {
    guard isNeeded, self.scope != scope else { return false }
    self.scope = scope
    return changes(to: batch.resources[Int(batch.scopes[Int(scope)].resource)].tenant, of: batch)
  }

  @inline(never)
  private mutating func changes(to tenant: ByteSlice, of batch: borrowing LogBatch) -> Bool {
    let name = batch.store.span.bytes.extracting(tenant.range)
    if let last = self.tenant, batch.store.span.bytes.extracting(last.range).isEqual(to: name) { return false }
    self.tenant = tenant
    text.removeAll(keepingCapacity: true)
    fields?.append(name, to: &text)
    return true
  }

  /// Has what is encoded from now on go under the fields of the tenant at hand.
  func begin(in frames: inout FrameWriter) throws(EncodeError) {
    try frames.beginSection(text.span.bytes)
  }
}

extension DialectRoute.Header {
  /// The fields as a `SectionMark` has them: lines of a name and a value.
  package static func text(of fields: [DialectRoute.Header]) -> [UInt8] {
    Array(fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n").utf8)
  }

  /// The fields that a text of that form has, and what it says of metadata, in lines that begin with a colon.
  static func fields(of text: [UInt8]) -> [DialectRoute.Header] {
    text.split(separator: UInt8(ascii: "\n")).map { line in
      let isMetadata = line.first == UInt8(ascii: ":")
      let rest = isMetadata ? line.dropFirst() : line
      let colon = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
      let value = rest[colon...].dropFirst().drop { $0 == UInt8(ascii: " ") }
      var header = DialectRoute.Header(
        String(decoding: rest[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self),
        isBinding: !isMetadata)
      header.isMetadata = isMetadata
      return header
    }
  }
}

extension DialectRoute {
  /// The route with the header fields of a `SectionMark`, each in the place of its own of that name, and behind them
  /// what it says of metadata.
  package func carrying(_ text: [UInt8]) -> DialectRoute {
    if text.isEmpty { return self }
    let fields = Header.fields(of: text)
    let names = Set(fields.filter { !$0.isMetadata }.map { $0.name.lowercased() })
    func merged(_ headers: [Header]) -> [Header] { headers.filter { !names.contains($0.name.lowercased()) } + fields }
    return switch self {
    case .http(let path, let headers): .http(path: path, headers: merged(headers))
    case .grpc(let path, let headers): .grpc(path: path, headers: merged(headers))
    case .local, .discard: self
    }
  }
}
