// decision: docs/decisions/0201-plain-forms.md

import CVector
import Glibc

/// Members in the form in which nearly all senders write them: known keys, no white space, text without escapes,
/// numbers without exponents.
///
/// What is read here is read the same by `field`, `keyValue` and `value`, which take every form. Each function reads
/// what it can, and leaves or returns nothing for what has another form or is too near the end to be loaded with a
/// single check.
extension OTLPJSONDecoder {
  /// Bytes that may be loaded from any place that is far enough from the end.
  private static var bytesAhead: Int { 64 }

  @inline(__always)
  private func isFarFromEnd(_ place: Int) -> Bool { place <= json.end &- Self.bytesAhead }

  @inline(__always)
  private func has(_ text: StaticString, at place: Int) -> Bool {
    memcmp(json.base + place, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  /// Reads members of a `LogRecord` that is open.
  @inline(__always)
  mutating func plainFields(
    _ isFirst: inout Bool, of record: UnsafeMutablePointer<LogRecord>, into batch: inout LogBatch
  ) throws(DecodeError) {
    // What is before each key: first the bracket, which has been read, then a comma.
    var opening = UInt16(isFirst ? 0x227B : 0x222C)
    var place = isFirst ? json.position &- 1 : json.position
    while isFarFromEnd(place), json.base.uint16(place) == opening {
      let key = place &+ 2
      let end: Int?
      switch json.base.byte(key) {
      case UInt8(ascii: "t"):
        end =
          plainTime("timeUnixNano\":\"", at: key, &record.pointee.timeUnixNano)
          ?? plainTraceID("traceId\":\"", at: key, &record.pointee.traceID)
      case UInt8(ascii: "o"):
        end = plainTime("observedTimeUnixNano\":\"", at: key, &record.pointee.observedTimeUnixNano)
      case UInt8(ascii: "s"):
        end =
          plainNumber("severityNumber\":", at: key, &record.pointee.severityNumber)
          ?? plainText("severityText\":\"", at: key, &record.pointee.severityText)
          ?? plainSpanID("spanId\":\"", at: key, &record.pointee.spanID)
      case UInt8(ascii: "b"): end = plainBody("body\":{\"", at: key, &record.pointee.body)
      case UInt8(ascii: "f"): end = plainNumber("flags\":", at: key, &record.pointee.flags)
      case UInt8(ascii: "e"): end = plainText("eventName\":\"", at: key, &record.pointee.eventName)
      case UInt8(ascii: "d"):
        end = plainNumber("droppedAttributesCount\":", at: key, &record.pointee.droppedAttributesCount)
      case UInt8(ascii: "a") where has("attributes\":[", at: key):
        json.position = key &+ 13
        try attributeElements(into: &batch)
        end = json.position
      default: end = nil
      }
      guard let end else { break }
      place = end
      opening = 0x222C
    }
    isFirst = opening == 0x227B
    json.position = isFirst ? place &+ 1 : place
  }

  /// Reads elements of an open list of `KeyValue`, as many as a page has room for.
  @inline(__always)
  mutating func plainAttributes(_ isFirst: inout Bool, into batch: inout LogBatch) {
    if pages.attributes.room == 0 { pages.attributes.move(to: &batch.attributes) }
    let room = min(pages.attributes.room, limits.maxValues &- valueCount)
    let slots = pages.attributes.slots
    let marks = pages.keys.mark
    var (taken, hits) = (0, 0)
    // What is before each element: first the bracket, which has been read, then a comma.
    var opening = UInt8(ascii: isFirst ? "[" : ",")
    var place = isFirst ? json.position &- 1 : json.position
    while taken < room, isFarFromEnd(place), json.base.byte(place) == opening, has("{\"key\":\"", at: place &+ 1) {
      let key = place &+ 9
      guard let keyEnd = plainTextEnd(from: key), has("\",\"value\":{\"", at: keyEnd) else { break }
      guard let value = plainValue(at: keyEnd &+ 12), json.base.byte(value.end) == UInt8(ascii: "}") else { break }
      (slots + taken).initialize(to: Attribute(key: ByteSlice(from: key, to: keyEnd), value: value.value))
      hits &+= marks.set(json.base + key, keyEnd &- key)
      taken &+= 1
      place = value.end &+ 1
      opening = UInt8(ascii: ",")
    }
    isFirst = isFirst && taken == 0
    json.position = isFirst ? place &+ 1 : place
    pages.attributes.advance(taken)
    pages.keys.add(hits)
    valueCount &+= taken
  }

  /// Reads an `AnyValue` from its first key on, whose opening quote has been read, up to and with its bracket.
  @inline(__always)
  private func plainValue(at place: Int) -> (value: Value, end: Int)? {
    guard isFarFromEnd(place) else { return nil }
    switch json.base.byte(place) {
    case UInt8(ascii: "s"):
      guard has("stringValue\":\"", at: place), let end = plainTextEnd(from: place &+ 14), isFarFromEnd(end) else {
        return nil
      }
      return has("\"}", at: end) ? (.string(ByteSlice(from: place &+ 14, to: end)), end &+ 2) : nil
    case UInt8(ascii: "i"):
      guard has("intValue\":", at: place) else { return nil }
      let quotes = json.base.byte(place &+ 10) == UInt8(ascii: "\"") ? 1 : 0
      guard let integer = plainInteger(at: place &+ 10 &+ quotes) else { return nil }
      guard quotes == 0 || json.base.byte(integer.end) == UInt8(ascii: "\"") else { return nil }
      let end = integer.end &+ quotes
      return json.base.byte(end) == UInt8(ascii: "}") ? (.int(integer.value), end &+ 1) : nil
    case UInt8(ascii: "b"):
      if has("boolValue\":true}", at: place) { return (.bool(true), place &+ 16) }
      return has("boolValue\":false}", at: place) ? (.bool(false), place &+ 17) : nil
    case UInt8(ascii: "d"):
      guard has("doubleValue\":", at: place), let double = plainDouble(at: place &+ 13) else { return nil }
      return json.base.byte(double.end) == UInt8(ascii: "}") ? (.double(double.value), double.end &+ 1) : nil
    default: return nil
    }
  }

  /// Where a string ends whose content starts at `start`; nil if it has escapes or is not valid UTF-8.
  @inline(__always)
  private func plainTextEnd(from start: Int) -> Int? {
    let end = json_plain_end(json.base, start, json.end)
    guard isFarFromEnd(end) else { return nil }
    let byte = json.base.byte(end)
    if byte == UInt8(ascii: "\"") { return end }
    guard byte >= 0x80, let end = Self.textEndBeyondASCII(json.base, from: start, to: json.end) else { return nil }
    return isFarFromEnd(end) ? end : nil
  }

  /// Where a string ends that has no escapes, is valid UTF-8 and starts at `start`; nil if there is no such string.
  @inline(never)
  private static func textEndBeyondASCII(_ base: UnsafeRawPointer, from start: Int, to limit: Int) -> Int? {
    let end = JSONReader.contentEnd(base, from: start, end: limit)
    guard end < limit, base.byte(end) == UInt8(ascii: "\"") else { return nil }
    return UTF8Text.isValidBeyondASCII(base, from: start, to: end) ? end : nil
  }

  /// A number of at most 18 digits, with or without a sign.
  @inline(__always)
  private func plainInteger(at place: Int) -> (value: Int64, end: Int)? {
    let sign = json.base.byte(place) == UInt8(ascii: "-") ? 1 : 0
    guard let digits = plainDigits(at: place &+ sign) else { return nil }
    let magnitude = Int64(truncatingIfNeeded: digits.value)
    return (sign == 1 ? 0 &- magnitude : magnitude, digits.end)
  }

  /// A number whose digits make no more than 2^53, so that one division rounds it right (`JSONNumber.double`).
  @inline(__always)
  private func plainDouble(at place: Int) -> (value: Double, end: Int)? {
    let sign = json.base.byte(place) == UInt8(ascii: "-") ? 1 : 0
    guard let whole = plainDigits(at: place &+ sign) else { return nil }
    guard json.base.byte(whole.end) == UInt8(ascii: ".") else { return nil }
    var fraction: UInt64 = 0
    let places = json_digits(json.base + (whole.end &+ 1), &fraction)
    guard places >= 1, whole.end &- place &+ places <= 15 else { return nil }
    let digits = whole.value &* json_power_of_ten(places) &+ fraction
    let magnitude = Double(digits) / Double(json_power_of_ten(places))
    return (sign == 1 ? -magnitude : magnitude, whole.end &+ 1 &+ places)
  }

  /// At most 18 digits, without leading zeros.
  @inline(__always)
  private func plainDigits(at place: Int) -> (value: UInt64, end: Int)? {
    var value: UInt64 = 0
    let count = json_digits(json.base + place, &value)
    guard count >= 1, count <= 18, count == 1 || json.base.byte(place) != UInt8(ascii: "0") else { return nil }
    return (value, place &+ count)
  }
}

/// Members of a known key, given with the quotes around it and what else comes before the value. Each function returns
/// where the value ends.
extension OTLPJSONDecoder {
  /// A time of 19 digits in quotes, as all are from 2001 to 2262.
  @inline(__always)
  private func plainTime(_ key: StaticString, at place: Int, _ target: inout UInt64) -> Int? {
    guard has(key, at: place) else { return nil }
    let start = place &+ key.utf8CodeUnitCount
    var time: UInt64 = 0
    guard json_digits(json.base + start, &time) == 19, json.base.byte(start &+ 19) == UInt8(ascii: "\"") else {
      return nil
    }
    guard time >= 1_000_000_000_000_000_000, time <= Int64.max else { return nil }
    target = time
    return start &+ 20
  }

  /// A number of at most nine digits.
  @inline(__always)
  private func plainNumber<N: FixedWidthInteger>(_ key: StaticString, at place: Int, _ target: inout N) -> Int? {
    guard has(key, at: place) else { return nil }
    let start = place &+ key.utf8CodeUnitCount
    guard let digits = plainDigits(at: start), digits.end &- start < 10 else { return nil }
    let next = json.base.byte(digits.end)
    guard next == UInt8(ascii: ",") || next == UInt8(ascii: "}") else { return nil }
    target = N(truncatingIfNeeded: digits.value)
    return digits.end
  }

  @inline(__always)
  private func plainText(_ key: StaticString, at place: Int, _ target: inout ByteSlice) -> Int? {
    guard has(key, at: place) else { return nil }
    let start = place &+ key.utf8CodeUnitCount
    guard let end = plainTextEnd(from: start) else { return nil }
    target = ByteSlice(from: start, to: end)
    return end &+ 1
  }

  @inline(__always)
  private func plainBody(_ key: StaticString, at place: Int, _ target: inout Value) -> Int? {
    guard has(key, at: place), let value = plainValue(at: place &+ key.utf8CodeUnitCount) else { return nil }
    target = value.value
    return value.end
  }

  @inline(__always)
  private func plainTraceID(_ key: StaticString, at place: Int, _ target: inout TraceID) -> Int? {
    guard has(key, at: place) else { return nil }
    let start = place &+ key.utf8CodeUnitCount
    guard json.base.byte(start &+ 32) == UInt8(ascii: "\"") else { return nil }
    guard let high = HexText.uint64(json.base + start) else { return nil }
    guard let low = HexText.uint64(json.base + (start &+ 16)) else { return nil }
    target = TraceID(high: high, low: low)
    return start &+ 33
  }

  @inline(__always)
  private func plainSpanID(_ key: StaticString, at place: Int, _ target: inout UInt64) -> Int? {
    guard has(key, at: place) else { return nil }
    let start = place &+ key.utf8CodeUnitCount
    guard json.base.byte(start &+ 16) == UInt8(ascii: "\"") else { return nil }
    guard let id = HexText.uint64(json.base + start) else { return nil }
    target = id
    return start &+ 17
  }
}
