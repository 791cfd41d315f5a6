/// Strings, as slices of the store to be: the body and, behind it, the edits.
extension OTLPJSONDecoder {
  /// A string of valid UTF-8; null is the empty string, and any other value its own text.
  @inline(__always)
  mutating func text() throws(DecodeError) -> ByteSlice {
    if json.peek() == UInt8(ascii: "\""), let slice = json.plainString() { return slice }
    return try unusualText()
  }

  /// A string that has escapes or is not ASCII, or null.
  @inline(never)
  private mutating func unusualText() throws(DecodeError) -> ByteSlice {
    if try json.readNull() { return .empty }
    guard json.peek() == UInt8(ascii: "\"") else { return try textOfOddValue() }
    guard let slice = json.unescapedString() else { return try escapedText() }
    return try repaired(slice)
  }

  /// A slice of the body, or what it is repaired to.
  mutating func repaired(_ slice: ByteSlice) throws(DecodeError) -> ByteSlice {
    guard let invalid = firstInvalidUTF8(in: slice) else { return slice }
    try noteRepair(at: invalid)
    return try append(edit: withBytes(of: slice, Self.mended))
  }

  /// A string that has escapes.
  private mutating func escapedText() throws(DecodeError) -> ByteSlice {
    let start = edits.count
    let string = try json.appendString(to: &edits)
    try checkRoom(forEdit: 0)
    let invalid = firstInvalidUTF8(in: string.content)
    if let offset = invalid ?? string.loneSurrogateOffset { try noteRepair(at: offset) }
    if invalid == nil { return edited(from: start) }
    let mended = edits.withUnsafeBytes(in: start..<edits.count, Self.mended)
    edits.truncate(to: start)
    return try append(edit: mended)
  }

  /// The offset of the first byte of a string in the body that is not valid UTF-8; escapes are ASCII and change
  /// nothing.
  private func firstInvalidUTF8(in slice: ByteSlice) -> Int? {
    withBytes(of: slice, UTF8Text.firstInvalid).map { Int(slice.offset) &+ $0 }
  }

  private mutating func noteRepair(at offset: Int) throws(DecodeError) {
    guard limits.invalidUTF8 == .replace else { throw DecodeError(.invalidUTF8, at: offset) }
    oddities.repairedStrings &+= 1
  }

  private static func mended(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var mended: [UInt8] = []
    UTF8Text.appendRepaired(bytes, to: &mended)
    return mended
  }

  /// Appends bytes that are to be in the store.
  mutating func append(edit bytes: [UInt8]) throws(DecodeError) -> ByteSlice {
    try checkRoom(forEdit: bytes.count)
    let start = edits.count
    edits.append(bytes)
    return edited(from: start)
  }

  /// The slice of what was appended to `edits` from `start` on.
  func edited(from start: Int) -> ByteSlice {
    start == edits.count ? .empty : ByteSlice(json.end &+ start..<json.end &+ edits.count)
  }

  /// Makes sure that slices can address so many bytes more.
  func checkRoom(forEdit bytes: Int) throws(DecodeError) {
    guard json.end &+ edits.count &+ bytes < Int(UInt32.max) else {
      throw DecodeError(.tooLarge(limitBytes: Int(UInt32.max)), at: json.position)
    }
  }

  /// Calls `body` with the bytes of a slice that was returned here.
  @inline(__always)
  func withBytes<R>(of slice: ByteSlice, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let start = Int(slice.offset)
    if start < json.end { return body(UnsafeRawBufferPointer(start: json.base + start, count: Int(slice.count))) }
    return edits.withUnsafeBytes(in: start &- json.end..<start &- json.end &+ Int(slice.count), body)
  }
}
