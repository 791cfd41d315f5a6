/// What is kept of an object, in one piece of memory: where it is found, where more is found, and what it gives.
///
/// Layout: the uid's key (8 bytes), the time of start (8), counts of keys, links, attributes and containers (1, 1, 2,
/// 1), then these. An attribute is the number of its name (2), the length of its value (2) and the value; a container
/// is the lengths of name and id (2, 2), both of them, a count (1) and attributes.
struct TableRow: Sendable {
  private let bytes: [UInt8]

  private static let headerBytes = 21

  /// What a row is made of; lists that are longer than a row can hold are cut short.
  struct Content {
    var identity: TableKey
    var startTime: Int64 = 0
    var keys: [TableKey] = []
    var links: [TableKey] = []
    var attributes: [Attribute] = []
    var containers: [Container] = []
  }

  /// A name, as the table numbers names, and a value of at most `UInt16.max` bytes.
  typealias Attribute = (name: UInt16, value: String)
  typealias Container = (name: String, id: String, attributes: [Attribute])

  init(_ content: Content) {
    var bytes: [UInt8] = []
    let keys = content.keys.prefix(255)
    let links = content.links.prefix(255)
    let attributes = content.attributes.prefix(Int(UInt16.max))
    let containers = content.containers.prefix(255)
    let text = attributes.reduce(0) { $0 + 4 + $1.value.utf8.count }
    bytes.reserveCapacity(Self.headerBytes + 8 * (keys.count + links.count) + text)
    Self.append(content.identity.hash, 8, to: &bytes)
    Self.append(UInt64(bitPattern: content.startTime), 8, to: &bytes)
    Self.append(UInt64(keys.count), 1, to: &bytes)
    Self.append(UInt64(links.count), 1, to: &bytes)
    Self.append(UInt64(attributes.count), 2, to: &bytes)
    Self.append(UInt64(containers.count), 1, to: &bytes)
    for key in keys { Self.append(key.hash, 8, to: &bytes) }
    for link in links { Self.append(link.hash, 8, to: &bytes) }
    for attribute in attributes { Self.append(attribute, to: &bytes) }
    for container in containers {
      let name = container.name.utf8.prefix(Int(UInt16.max))
      let id = container.id.utf8.prefix(Int(UInt16.max))
      let attributes = container.attributes.prefix(255)
      Self.append(UInt64(name.count), 2, to: &bytes)
      Self.append(UInt64(id.count), 2, to: &bytes)
      bytes += name
      bytes += id
      Self.append(UInt64(attributes.count), 1, to: &bytes)
      for attribute in attributes { Self.append(attribute, to: &bytes) }
    }
    self.bytes = bytes
  }

  private static func append(_ attribute: Attribute, to bytes: inout [UInt8]) {
    let value = attribute.value.utf8.prefix(Int(UInt16.max))
    append(UInt64(attribute.name), 2, to: &bytes)
    append(UInt64(value.count), 2, to: &bytes)
    bytes += value
  }

  private static func append(_ number: UInt64, _ count: Int, to bytes: inout [UInt8]) {
    for shift in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(shift)))) }
  }

  var identity: TableKey { TableKey(hash: number(at: 0, 8)) }
  /// When the pod was started, as a number that grows with the time; 0 if that is not known.
  var startTime: Int64 { Int64(bitPattern: number(at: 8, 8)) }
  private var keyCount: Int { Int(number(at: 16, 1)) }
  private var linkCount: Int { Int(number(at: 17, 1)) }
  private var attributeCount: Int { Int(number(at: 18, 2)) }
  private var containerCount: Int { Int(number(at: 20, 1)) }

  /// Where the object is found.
  var keys: [TableKey] { (0..<keyCount).map { TableKey(hash: number(at: Self.headerBytes &+ 8 &* $0, 8)) } }

  /// Calls `body` with the key of every object that has more to say.
  func forEachLink(_ body: (TableKey) -> Void) {
    let start = Self.headerBytes &+ 8 &* keyCount
    for index in 0..<linkCount { body(TableKey(hash: number(at: start &+ 8 &* index, 8))) }
  }

  /// Calls `body` with every attribute.
  func forEachAttribute(_ body: (_ name: UInt16, _ value: UnsafeRawBufferPointer) -> Void) {
    var offset = Self.headerBytes &+ 8 &* (keyCount &+ linkCount)
    bytes.withUnsafeBytes { bytes in
      for _ in 0..<attributeCount { attribute(at: &offset, in: bytes, body) }
    }
  }

  /// Calls `body` with every attribute of the container that `isMeant` finds by name and id, or of the only one.
  func forEachAttribute(
    ofContainer isMeant: (_ name: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer, _ isOnly: Bool) -> Bool,
    _ body: (_ name: UInt16, _ value: UnsafeRawBufferPointer) -> Void
  ) {
    let count = containerCount
    if count == 0 { return }
    var offset = Self.headerBytes &+ 8 &* (keyCount &+ linkCount)
    bytes.withUnsafeBytes { bytes in
      for _ in 0..<attributeCount { attribute(at: &offset, in: bytes) { _, _ in } }
      for _ in 0..<count {
        let nameBytes = Int(number(at: offset, 2))
        let idBytes = Int(number(at: offset &+ 2, 2))
        offset &+= 4
        let name = slice(bytes, offset, nameBytes)
        let id = slice(bytes, offset &+ nameBytes, idBytes)
        offset &+= nameBytes &+ idBytes
        let attributes = Int(number(at: offset, 1))
        offset &+= 1
        let isMeant = isMeant(name, id, count == 1)
        for _ in 0..<attributes { attribute(at: &offset, in: bytes) { if isMeant { body($0, $1) } } }
        if isMeant { return }
      }
    }
  }

  private func attribute(
    at offset: inout Int, in bytes: UnsafeRawBufferPointer,
    _ body: (_ name: UInt16, _ value: UnsafeRawBufferPointer) -> Void
  ) {
    let name = UInt16(truncatingIfNeeded: number(at: offset, 2))
    let count = Int(number(at: offset &+ 2, 2))
    body(name, slice(bytes, offset &+ 4, count))
    offset &+= 4 &+ count
  }

  private func slice(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[start..<start &+ count])
  }

  private func number(at offset: Int, _ count: Int) -> UInt64 {
    var number: UInt64 = 0
    for shift in 0..<count { number |= UInt64(bytes[offset &+ shift]) << (8 &* UInt64(shift)) }
    return number
  }
}
