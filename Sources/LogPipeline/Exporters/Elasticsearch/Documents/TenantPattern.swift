/// A name in which `{tenant}` stands for the tenant of records.
///
/// A tenant's name stands there as data streams may be named. If that changes it, 16 digits of its SHA-256 follow, and
/// so they do on a name that ends like that already, and on that of no tenant: two tenants never share an index.
struct TenantPattern: Sendable {
  /// What stands for the tenant's name.
  static let place = Array("{tenant}".utf8)
  /// What it is for records of no tenant.
  static let none: StaticString = "default"
  /// The most that the text around may take, so that a name and its digits have room.
  static let maxTextBytes = 40
  /// The most that a tenant's name takes.
  static let maxTenantBytes = DataStreamName.maxBytes - maxTextBytes

  private static let digestDigits = 16

  /// The texts before, between and after the places.
  private let texts: [[UInt8]]

  init(_ text: String) {
    var texts: [[UInt8]] = [[]]
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      if rest.starts(with: Self.place) {
        rest = rest.dropFirst(Self.place.count)
        texts.append([])
      } else {
        texts[texts.count - 1].append(rest.removeFirst())
      }
    }
    self.texts = texts
  }

  var namesTenant: Bool { texts.count > 1 }

  /// Whether a tenant's name comes first, where it could make the name one of no index, or a hidden one: `_a`, `.a`.
  var beginsWithTenant: Bool { namesTenant && texts[0].isEmpty }

  /// Bytes of the text around the places.
  var textBytes: Int { texts.reduce(0) { $0 + $1.count } }

  /// Appends the name for a tenant, `write` the texts around.
  func append(
    _ tenant: RawSpan, to bytes: inout ByteWriter, texts write: (RawSpan, inout ByteWriter) -> Void
  ) {
    for (index, text) in texts.enumerated() {
      if index > 0 { Self.append(tenant, to: &bytes) }
      write(text.span.bytes, &bytes)
    }
  }

  private static func append(_ tenant: RawSpan, to bytes: inout ByteWriter) {
    if tenant.isEmpty { return bytes.append(none) }
    let start = bytes.count
    let name = DataStreamName(suffix: "", keepsDash: true, limitBytes: maxTenantBytes)
    name.append(tenant, to: &bytes)
    let isAsItWas = bytes.withUnsafeBytes(in: start..<bytes.count) { tenant.isEqual(to: $0) }
    if isAsItWas, !tenant.withUnsafeBytes({ endsInDigest($0) || isNone($0) }) { return }
    bytes.truncate(to: start)
    let short = DataStreamName(suffix: "", keepsDash: true, limitBytes: maxTenantBytes - 1 - digestDigits)
    short.append(tenant, to: &bytes)
    bytes.append("-")
    bytes.append(tenant.withUnsafeBytes { TenantText.digest(of: $0, digits: digestDigits) })
  }

  /// Whether a tenant is named as what stands for no tenant.
  private static func isNone(_ name: UnsafeRawBufferPointer) -> Bool {
    none.withUTF8Buffer { name.elementsEqual($0) }
  }

  /// Whether a name ends like one that digits were put to.
  private static func endsInDigest(_ name: UnsafeRawBufferPointer) -> Bool {
    let end = name.suffix(digestDigits + 1)
    guard end.count == digestDigits + 1, end.first == UInt8(ascii: "-") else { return false }
    return end.dropFirst().allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
  }
}
