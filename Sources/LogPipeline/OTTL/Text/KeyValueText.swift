/// `key=value` pairs: pairs are parted outside quotes, and quotes go; a pair is parted at the first delimiter in it.
struct KeyValueText {
  let delimiter: [UInt8]
  let pairDelimiter: [UInt8]

  /// Throws for delimiters that cannot part anything.
  init(delimiter: [UInt8], pairDelimiter: [UInt8]) throws(TextFormatError) {
    if delimiter.isEmpty { throw TextFormatError("has an empty delimiter") }
    if pairDelimiter.isEmpty { throw TextFormatError("has an empty pair delimiter") }
    if delimiter == pairDelimiter { throw TextFormatError("has the same delimiter for pairs and inside them") }
    self.delimiter = delimiter
    self.pairDelimiter = pairDelimiter
  }

  /// Adds the pairs of a text; false if it is empty, a quote has no end or a pair has no delimiter.
  func read(_ text: UnsafeRawBufferPointer, into found: inout FoundFields) -> Bool {
    if text.isEmpty { return false }
    var place = 0
    while let pair = nextPair(of: text, from: &place, &found) {
      guard let pair else { return false }
      guard add(pair, of: text, to: &found) else { return false }
    }
    return !found.isFull
  }

  /// The next pair without its quotes, and the place behind it; nil at the end, and nil inside if a quote has no end.
  private func nextPair(
    of text: UnsafeRawBufferPointer, from place: inout Int, _ found: inout FoundFields
  ) -> FoundFields.Piece?? {
    var start = place
    var writtenStart: Int?
    var quote: UInt8 = 0
    while place < text.count {
      let byte = text[place]
      if quote == 0, isPairDelimiter(at: place, of: text) {
        let piece = writtenStart.map { found.piece(since: $0) } ?? FoundFields.Piece(start..<place)
        place &+= pairDelimiter.count
        if piece.count > 0 { return .some(piece) }
        // Nothing stands before this delimiter.
        (start, writtenStart) = (place, nil)
        continue
      }
      if quote == 0 ? byte.isQuote : byte == quote {
        quote = quote == 0 ? byte : 0
        if writtenStart == nil {
          writtenStart = found.written.count
          found.written.append(text.part(start..<place))
        }
      } else if writtenStart != nil {
        found.written.append(byte)
      }
      place &+= 1
    }
    if quote != 0 { return .some(nil) }
    let piece = writtenStart.map { found.piece(since: $0) } ?? FoundFields.Piece(start..<place)
    return piece.count > 0 ? .some(piece) : nil
  }

  private func isPairDelimiter(at place: Int, of text: UnsafeRawBufferPointer) -> Bool {
    guard place < text.count, text[place] == pairDelimiter[0] else { return false }
    return pairDelimiter.count == 1 || pairDelimiter.withUnsafeBytes { text.part(place..<text.count).hasPrefix($0) }
  }

  private func add(_ pair: FoundFields.Piece, of text: UnsafeRawBufferPointer, to found: inout FoundFields) -> Bool {
    let parts: (key: Range<Int>, value: Range<Int>)?
    if pair.isWritten {
      parts = found.written.withUnsafeBytes(in: pair.range) { self.parts(of: $0, at: pair.range.lowerBound) }
    } else {
      parts = self.parts(of: text.part(pair.range), at: pair.range.lowerBound)
    }
    guard let parts else { return false }
    let value = FoundFields.Value.text(FoundFields.Piece(parts.value, isWritten: pair.isWritten))
    found.add(FoundFields.Piece(parts.key, isWritten: pair.isWritten), value)
    return true
  }

  /// Key and value of a pair, without white space around them, as ranges of what the pair lies in.
  private func parts(of pair: UnsafeRawBufferPointer, at start: Int) -> (key: Range<Int>, value: Range<Int>)? {
    guard let at = pair.first(delimiter) else { return nil }
    let key = pair.trimmed(0..<at)
    let value = pair.trimmed(at &+ delimiter.count..<pair.count)
    return (
      key.lowerBound &+ start..<key.upperBound &+ start, value.lowerBound &+ start..<value.upperBound &+ start
    )
  }
}
