/// Finds singular messages that come twice, which protobuf joins and libprotobuf-c 1.4 loses parts of or refuses.
enum RepeatedMessages {
  /// The message types of a request that hold others.
  enum Kind { case request, resourceLogs, resource, scopeLogs, scope, record, keyValue, value, array, map }

  /// True if the body, which both decoders can walk, has a singular message twice.
  static func occur(in body: [UInt8]) -> Bool { occur(in: body[...], .request) }

  private static func occur(in body: ArraySlice<UInt8>, _ kind: Kind) -> Bool {
    var rest = body
    var seen: Set<UInt64> = []
    while let tag = varint(&rest) {
      switch tag & 7 {
      case 0: _ = varint(&rest)
      case 1: rest = rest.dropFirst(8)
      case 5: rest = rest.dropFirst(4)
      default:
        guard let length = varint(&rest), length <= UInt64(rest.count) else { return false }
        let content = rest.prefix(Int(length))
        rest = rest.dropFirst(Int(length))
        guard let (child, isSingular) = child(of: kind, tag >> 3) else { continue }
        if isSingular && !seen.insert(tag >> 3).inserted { return true }
        if occur(in: content, child) { return true }
      }
    }
    return false
  }

  /// The message type in a field, and whether it is singular.
  static func child(of kind: Kind, _ field: UInt64) -> (Kind, isSingular: Bool)? {
    switch (kind, field) {
    case (.request, 1): (.resourceLogs, false)
    case (.resourceLogs, 1): (.resource, true)
    case (.resourceLogs, 2): (.scopeLogs, false)
    case (.resource, 1), (.scope, 3), (.record, 6), (.map, 1): (.keyValue, false)
    case (.scopeLogs, 1): (.scope, true)
    case (.scopeLogs, 2): (.record, false)
    case (.record, 5), (.keyValue, 2): (.value, true)
    case (.value, 5): (.array, false)
    case (.value, 6): (.map, false)
    case (.array, 1): (.value, false)
    default: nil
    }
  }

  static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
