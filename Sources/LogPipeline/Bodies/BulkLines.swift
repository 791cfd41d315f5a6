/// A `_bulk` body as pairs of an action line and a document line.
struct BulkLines: Sequence, IteratorProtocol {
  private let body: UnsafeRawBufferPointer
  private var offset = 0

  init(_ body: UnsafeRawBufferPointer) { self.body = body }

  /// The byte range of the next record, its line ends included; a last line without an end counts.
  mutating func next() -> Range<Int>? {
    guard offset < body.count else { return nil }
    let start = offset
    offset = endOfLine(from: endOfLine(from: start))
    return start..<offset
  }

  private func endOfLine(from start: Int) -> Int {
    var index = start
    while index &+ 8 <= body.count {
      // A byte that is zero borrows from its top bit when one is taken away.
      let others = body.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ 0x0A0A_0A0A_0A0A_0A0A
      if (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080 != 0 { break }
      index &+= 8
    }
    while index < body.count {
      if body[index] == UInt8(ascii: "\n") { return index &+ 1 }
      index &+= 1
    }
    return index
  }

  /// The record boundary nearest the middle of the body; nil if it holds fewer than two records.
  var middle: Split? {
    let half = body.count / 2
    var before: Split?
    var records = 0
    for range in self {
      records += 1
      let end = range.upperBound
      if end >= body.count { return before }
      if end >= half {
        if let before, half - before.offset <= end - half { return before }
        return Split(offset: end, recordsBefore: records)
      }
      before = Split(offset: end, recordsBefore: records)
    }
    return before
  }

  /// Whether the record at `range` brings its own `_id`, which its action line then starts with.
  func hasID(_ range: Range<Int>) -> Bool {
    let start: StaticString = "{\"create\":{\"_id\":"
    let end = range.lowerBound + start.utf8CodeUnitCount
    return end <= body.count && body[range.lowerBound..<end].elementsEqual(start.rawBytes)
  }
}
