/// Community ids (version 1 of corelight's specification): one text for both directions of a network flow.
struct CommunityID {
  var source: IPAddress
  var sourcePort: UInt16
  var destination: IPAddress
  var destinationPort: UInt16
  var transport: UInt8 = 6
  var seed: UInt16 = 0

  /// The number of a protocol; nil for one that is not known.
  static func transport(_ name: UnsafeRawBufferPointer) -> UInt8? {
    let known: [(StaticString, UInt8)] = [
      ("ICMP", 1), ("TCP", 6), ("UDP", 17), ("RSVP", 46), ("ICMP6", 58), ("SCTP", 132),
    ]
    return known.first { name.isEqual($0.0) }?.1
  }

  /// Appends the id; false if SHA-1 cannot be had.
  func append(to writer: inout ByteWriter) -> Bool {
    guard LibraryDigest.sha1.isAvailable else { return false }
    var bytes = ByteWriter(capacityBytes: 64)
    bytes.append(bigEndian: seed)
    let isSwapped = isSourceLast
    (isSwapped ? destination : source).appendBytes(to: &bytes)
    (isSwapped ? source : destination).appendBytes(to: &bytes)
    bytes.append(transport)
    bytes.append(UInt8(0))
    bytes.append(bigEndian: isSwapped ? destinationPort : sourcePort)
    bytes.append(bigEndian: isSwapped ? sourcePort : destinationPort)
    writer.append("1:")
    bytes.withUnsafeBytes { message in LibraryDigest.sha1.withDigest(of: message) { writer.appendBase64($0) } }
    return true
  }

  /// Whether the other end comes first: that with the smaller address, or the smaller port.
  private var isSourceLast: Bool {
    if source.isIPv4 != destination.isIPv4 { return destination.isIPv4 }
    if source.high != destination.high { return source.high > destination.high }
    if source.low != destination.low { return source.low > destination.low }
    return sourcePort > destinationPort
  }
}

extension ByteWriter {
  fileprivate mutating func append(bigEndian word: UInt16) {
    append(UInt8(truncatingIfNeeded: word >> 8))
    append(UInt8(truncatingIfNeeded: word))
  }
}
