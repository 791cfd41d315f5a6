/// A body of lines that each end with a newline and hold none inside, a fixed number of them to a record.
struct LineBody {
  let bytes: UnsafeRawBufferPointer
  /// Lines of one record: one of the record itself, and perhaps an action line before it.
  let linesPerRecord: Int

  init(_ bytes: UnsafeRawBufferPointer, linesPerRecord: Int) {
    self.bytes = bytes
    self.linesPerRecord = max(linesPerRecord, 1)
  }

  /// The start of the record nearest the middle that is not the first; nil if there is only one record.
  var middle: Split? {
    var best: Split?
    forEachEnd { end, records in
      guard end < bytes.count else { return false }
      let split = Split(offset: end, recordsBefore: records)
      if let last = best, abs(last.offset - bytes.count / 2) <= abs(end - bytes.count / 2) { return false }
      best = split
      return true
    }
    return best
  }

  /// The records of the body; what follows the last newline is left out.
  var pieces: [BodyFormat.Piece] {
    var pieces: [BodyFormat.Piece] = []
    forEachEnd { end, _ in
      pieces.append(BodyFormat.Piece(range: (pieces.last?.range.upperBound ?? 0)..<end, records: 1))
      return true
    }
    return pieces
  }

  /// Calls `visit` with the offset just past each record and the number of records up to there, while it says true.
  private func forEachEnd(_ visit: (Int, Int) -> Bool) {
    var lines = 0
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      lines += 1
      guard lines % linesPerRecord == 0 else { continue }
      if !visit(index + 1, lines / linesPerRecord) { return }
    }
  }
}
