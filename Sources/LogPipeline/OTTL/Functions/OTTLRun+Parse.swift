/// What converters of texts of a certain form do.
extension OTTLRun {
  /// The named groups of a pattern's first match, one that took no part empty; an empty map if there is no match.
  mutating func extractPatterns(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let text = try call.text(0, &self)
    let pattern = try call.pattern(1, &self)
    guard pattern.groupNames.contains(where: { $0 != nil }) else { throw .badPattern }
    var ranges = InlineArray<32, Range<Int>>(repeating: 0..<0)
    let isFound = pattern.withCaptures(in: bytes(text)) { captures in
      for group in 1...max(pattern.groupNames.count, 1) where group <= 32 {
        ranges[group &- 1] = captures[group] ?? 0..<0
      }
      return true
    }
    let start = begin()
    for (group, name) in pattern.groupNames.enumerated() where isFound == true && group < 32 {
      guard var name else { continue }
      try makeRoom(name.utf8.count)
      name.withUTF8 { out.append(UnsafeRawBufferPointer($0)) }
      try add(try finishText(), .string(text.part(ranges[group])))
    }
    return uniqueMap(from: start)
  }

  /// The fields of a row under the names of a header.
  mutating func parseCSV(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let form = try call.made(CSVText.self, self)
    let (text, header) = (try call.text(0, &self), try call.text(1, &self))
    let names = bytes(header)
    return try parsed(text) { form.read($0, header: names, into: &$1) }
  }

  // MARK: Severities

  /// The first level of a mapping that a text or a number belongs to.
  mutating func parseSeverity(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let (target, mapping) = (try call.value(0, &self), try call.map(1, &self))
    guard target.kind == .string || target.kind == .int else { throw target.isNone ? .nothing : .wrongType }
    for level in 0..<mapping.memberCount {
      let criteria = member(level, of: mapping)
      guard criteria.kind == .list else { throw .wrongType }
      for index in 0..<criteria.memberCount where try isMet(member(index, of: criteria), by: target) {
        return .string(key(level, of: mapping))
      }
    }
    throw .badText
  }

  private func isMet(_ criterion: OTTLValue, by target: OTTLValue) throws(OTTLFault) -> Bool {
    guard criterion.kind == .map else { throw .wrongType }
    if let equals = index(of: "equals", in: criterion) {
      let listed = member(equals, of: criterion)
      guard listed.kind == .list else { throw .wrongType }
      for index in 0..<listed.memberCount where compare(member(index, of: listed), .equal, target) { return true }
    }
    guard let range = index(of: "range", in: criterion), target.kind == .int else { return false }
    return try isInRange(target.intValue, member(range, of: criterion))
  }

  /// Whether a number lies between `min` and `max`, or in a class of HTTP's statuses such as `4xx`.
  private func isInRange(_ number: Int64, _ range: OTTLValue) throws(OTTLFault) -> Bool {
    if range.kind == .string {
      let text = bytes(range.text)
      guard text.count == 3, (0x32...0x35).contains(text[0]), text.part(1..<3).isEqual("xx") else { throw .badText }
      return number / 100 == Int64(text[0].digitValue) && number >= 0
    }
    guard range.kind == .map, let low = index(of: "min", in: range),
      let high = index(of: "max", in: range)
    else { throw .wrongType }
    let (least, most) = (member(low, of: range), member(high, of: range))
    guard least.kind == .int, most.kind == .int else { throw .wrongType }
    return number >= least.intValue && number <= most.intValue
  }

  private func index(of key: StaticString, in map: OTTLValue) -> Int? { index(of: key.rawBytes, in: map) }

  // MARK: Encodings

  mutating func base64Encode(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    guard let text = try call.bytesLike(0, &self) else { throw .nothing }
    let variants = Base64Variant.allCases
    let index = Int(clamping: try call.int(1, &self))
    try makeRoom(text.count &* 2 &+ 4)
    let bytes = bytes(text)
    let variant = variants[min(max(index, 0), variants.count &- 1)]
    return try newText { variant.append(bytes, to: &$0) }
  }

  /// What encoded bytes stand for, as a text.
  mutating func decode(_ text: OTTLText, _ decoding: OTTLDecoding) throws(OTTLFault) -> OTTLValue {
    // One byte becomes a character of three bytes at most.
    try makeRoom(text.count &* 3)
    let bytes = bytes(text)
    switch decoding {
    case .charset(let charset): return try newText { charset.append(bytes, to: &$0) }
    case .base64(let variant):
      guard variant.append(decoding: bytes, to: &out) else {
        out.truncate(to: 0)
        throw .badText
      }
      return .string(try finishText())
    }
  }
}

/// What `Decode` decodes from.
enum OTTLDecoding: Sendable {
  case base64(Base64Variant)
  case charset(TextCharset)

  static func prepare(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    let name = String(decoding: constants.text(1) ?? [], as: UTF8.self)
    if let variant = Base64Variant(rawValue: name) { return OTTLPreparedValue(OTTLDecoding.base64(variant)) }
    if let charset = TextCharset(name) { return OTTLPreparedValue(OTTLDecoding.charset(charset)) }
    throw OTTLProblem(
      "the encoding is none of base64, base64-raw, base64-url, base64-raw-url, utf-8, us-ascii, iso-8859-1, utf-16, "
        + "utf-16be and utf-16le", of: 1)
  }
}
