/// Takes groups out of a request, which libprotobuf-c refuses; the gateway steps over them, as protobuf prescribes for
/// fields that are not known.
enum UnknownGroups {
  private static let mostNested = 100

  /// The body without its groups; nil if it has none, or one that is not whole or nested too deep.
  static func leftOut(of body: [UInt8]) -> [UInt8]? {
    var found = false
    guard let rest = leftOut(of: body[...], .request, &found) else { return nil }
    return found ? rest : nil
  }

  private static func leftOut(
    of body: ArraySlice<UInt8>, _ kind: RepeatedMessages.Kind, _ found: inout Bool
  ) -> [UInt8]? {
    var (rest, kept): (ArraySlice<UInt8>, [UInt8]) = (body, [])
    while !rest.isEmpty {
      let field = rest
      guard let tag = RepeatedMessages.varint(&rest) else { return nil }
      if tag & 7 == 3 {
        guard skipGroup(&rest, tag, nested: 1) else { return nil }
        found = true
      } else if tag & 7 == 2, let (child, _) = RepeatedMessages.child(of: kind, tag >> 3) {
        let head = field.prefix(field.count - rest.count)
        guard let content = content(&rest), let inner = leftOut(of: content, child, &found) else { return nil }
        kept += head + varint(UInt64(inner.count)) + inner
      } else {
        guard skip(&rest, tag, nested: 0) else { return nil }
        kept += field.prefix(field.count - rest.count)
      }
    }
    return kept
  }

  private static func skip(_ rest: inout ArraySlice<UInt8>, _ tag: UInt64, nested: Int) -> Bool {
    switch tag & 7 {
    case 0: return RepeatedMessages.varint(&rest) != nil
    case 1: return drop(8, of: &rest)
    case 2: return content(&rest) != nil
    case 3: return skipGroup(&rest, tag, nested: nested + 1)
    case 5: return drop(4, of: &rest)
    default: return false
    }
  }

  private static func skipGroup(_ rest: inout ArraySlice<UInt8>, _ start: UInt64, nested: Int) -> Bool {
    guard nested <= mostNested else { return false }
    while let tag = RepeatedMessages.varint(&rest) {
      if tag & 7 == 4 { return tag == start + 1 }
      guard skip(&rest, tag, nested: nested) else { return false }
    }
    return false
  }

  private static func content(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let length = RepeatedMessages.varint(&rest), length <= UInt64(rest.count) else { return nil }
    let content = rest.prefix(Int(length))
    rest = rest.dropFirst(Int(length))
    return content
  }

  private static func drop(_ count: Int, of rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.count >= count else { return false }
    rest = rest.dropFirst(count)
    return true
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }
}
