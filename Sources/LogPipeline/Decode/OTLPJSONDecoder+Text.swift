/// Strings, as slices of the store to be: the body and, behind it, the edits.
extension OTLPJSONDecoder {
  /// A string of valid UTF-8; null is the empty string.
  @inline(__always)
  mutating func text() throws(DecodeError) -> ByteSlice {
    if json.peek() == UInt8(ascii: "\""), let slice = json.plainString() { return slice }
    return try unusualText()
  }

  /// A string that has escapes or is not ASCII, or null.
  @inline(never)
  private mutating func unusualText() throws(DecodeError) -> ByteSlice {
    if try json.readNull() { return .empty }
    guard json.peek() == UInt8(ascii: "\"") else { throw json.expected("expected a string or null") }
    let string = try json.scanString()
    let range = string.start..<string.start &+ string.count
    if !string.hasEscapes && json.firstInvalidUTF8(in: string) == nil { return ByteSlice(range) }
    // An invalid byte becomes three, and nothing else grows.
    try checkRoom(forEdit: string.isASCII ? string.count : string.count &* 3)
    let start = edits.count
    if let repaired = json.appendUnescaped(string, to: &edits) {
      guard limits.invalidUTF8 == .replace else { throw DecodeError(.invalidUTF8, at: repaired) }
      oddities.repairedStrings &+= 1
    }
    return edited(from: start)
  }

  /// Appends bytes that are to be in the store.
  mutating func append(edit bytes: [UInt8]) throws(DecodeError) -> ByteSlice {
    try checkRoom(forEdit: bytes.count)
    let start = edits.count
    edits.append(contentsOf: bytes)
    return edited(from: start)
  }

  /// The slice of what was appended to `edits` from `start` on.
  private func edited(from start: Int) -> ByteSlice {
    start == edits.count ? .empty : ByteSlice(json.end &+ start..<json.end &+ edits.count)
  }

  private func checkRoom(forEdit bytes: Int) throws(DecodeError) {
    guard json.end &+ edits.count &+ bytes < Int(UInt32.max) else {
      throw DecodeError(.tooLarge(limitBytes: Int(UInt32.max)), at: json.position)
    }
  }

  /// Calls `body` with the bytes of a slice that was returned here.
  @inline(__always)
  func withBytes<R>(of slice: ByteSlice, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let start = Int(slice.offset)
    if start < json.end { return body(UnsafeRawBufferPointer(start: json.base + start, count: Int(slice.count))) }
    return edits.withUnsafeBytes {
      body(UnsafeRawBufferPointer(rebasing: $0[start &- json.end..<start &- json.end &+ Int(slice.count)]))
    }
  }
}
