package import FrameQueues

/// Bytes to send: all of a lease, a part of it, or a copy of ranges that have to be sent again.
package struct ExportBody: Sendable {
  private let segment: FrameSegment
  private let range: Range<Int>
  package let records: Int

  /// All of a lease.
  package init(_ lease: FrameLease) {
    self.init(segment: lease.segment, range: lease.range, records: lease.records)
  }

  private init(segment: FrameSegment, range: Range<Int>, records: Int) {
    self.segment = segment
    self.range = range
    self.records = records
  }

  package var byteCount: Int { range.count }
  package var totals: FrameTotals { FrameTotals(bytes: range.count, records: records) }

  /// Calls `body` with the bytes.
  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try segment.withUnsafeBytes(in: range, body)
  }

  /// The bytes at `offsets` of this body, which are cut to it, without copying.
  func part(_ offsets: Range<Int>, records: Int) -> ExportBody {
    let cut = offsets.clamped(to: 0..<byteCount)
    let start = range.lowerBound + cut.lowerBound
    return ExportBody(segment: segment, range: start..<(start + cut.count), records: records)
  }

  /// A copy of some ranges of this body, one after the other.
  func copy(of ranges: [Range<Int>], records: Int) -> ExportBody {
    let cut = ranges.map { $0.clamped(to: 0..<byteCount) }
    let copy = FrameSegment(capacity: cut.reduce(0) { $0 + $1.count })
    var end = 0
    withUnsafeBytes { bytes in
      for range in cut { end = copy.append(UnsafeRawBufferPointer(rebasing: bytes[range]))?.upperBound ?? end }
    }
    return ExportBody(segment: copy, range: 0..<end, records: records)
  }
}
