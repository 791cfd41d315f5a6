/// Values of no interest.
extension JSONReader {
  /// Steps over a value of any shape, without recursion.
  @inline(never)
  mutating func skipValue() throws(DecodeError) {
    closers.removeAll(keepingCapacity: true)
    repeat {
      if try enterOrSkip() { continue }
      try leaveSkipped()
    } while !closers.isEmpty
  }

  /// Steps over a scalar or an empty container, or enters a container up to its first value, which is then next:
  /// true.
  private mutating func enterOrSkip() throws(DecodeError) -> Bool {
    switch peek() {
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "n"): try literal("null")
    case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try readBool()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try readNumber()
    case UInt8(ascii: "{"):
      try open(closer: UInt8(ascii: "}"))
      var isFirst = true
      if try nextKey(&isFirst) != nil { return true }
      closers.removeLast()
    case UInt8(ascii: "["):
      try open(closer: UInt8(ascii: "]"))
      var isFirst = true
      if try nextElement(&isFirst) { return true }
      closers.removeLast()
    default: throw expected("expected a JSON value")
    }
    return false
  }

  /// Enters a container; one level of map in OTLP is four of JSON, and what is skipped may nest as deep as that.
  private mutating func open(closer: UInt8) throws(DecodeError) {
    guard (closers.count &- 16) / 4 < maxDepth else { throw DecodeError(.tooDeep(limit: maxDepth), at: position) }
    closers.append(closer)
    position &+= 1
  }

  /// Leaves the containers that end after a skipped value, up to the next value or the end of the outermost.
  private mutating func leaveSkipped() throws(DecodeError) {
    while let closer = closers.last {
      var isFirst = false
      let hasMore = closer == UInt8(ascii: "}") ? try nextKey(&isFirst) != nil : try nextElement(&isFirst)
      if hasMore { return }
      closers.removeLast()
    }
  }
}
