package import FrameQueues
import LogPipeline

/// Bytes to send: all of a lease, a part of it, or a copy of ranges that have to be sent again.
package struct ExportBody: Sendable {
  let segment: FrameSegment
  private let range: Range<Int>
  package let records: Int
  /// Bytes of the lease that the body stands for; not its own if it was made anew.
  private let leasedBytes: Int

  /// All of a lease.
  package init(_ lease: FrameLease) {
    self.init(segment: lease.segment, range: lease.range, records: lease.records)
  }

  /// A copy of bodies, each of one record, one after the other.
  package init(copyOf bodies: [[UInt8]]) {
    let copy = FrameSegment(capacity: bodies.reduce(0) { $0 + $1.count })
    let end = bodies.reduce(0) { end, body in body.withUnsafeBytes { copy.append($0) }?.upperBound ?? end }
    self.init(segment: copy, range: 0..<end, records: bodies.count)
  }

  /// The bytes of a lease at some ranges, one after the other, copied only if they are several. They stand for
  /// `totals` of it.
  init(of ranges: [Range<Int>], in lease: FrameLease, standingFor totals: FrameTotals) {
    let (whole, records) = (ExportBody(lease), totals.records)
    let body = ranges.count == 1 ? whole.part(ranges[0], records: records) : whole.copy(of: ranges, records: records)
    self.init(segment: body.segment, range: body.range, records: records, leasedBytes: totals.bytes)
  }

  private init(segment: FrameSegment, range: Range<Int>, records: Int, leasedBytes: Int? = nil) {
    self.segment = segment
    self.range = range
    self.records = records
    self.leasedBytes = leasedBytes ?? range.count
  }

  package var byteCount: Int { range.count }
  package var totals: FrameTotals { FrameTotals(bytes: leasedBytes, records: records) }

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

  /// The same body in memory of its own.
  var detached: ExportBody {
    let copy = copy(of: [0..<byteCount], records: records)
    return ExportBody(segment: copy.segment, range: copy.range, records: records, leasedBytes: leasedBytes)
  }

  /// Other bytes for the same records.
  func written(as bytes: [UInt8]) -> ExportBody {
    let segment = FrameSegment(capacity: bytes.count)
    let range = bytes.withUnsafeBytes { segment.append($0) } ?? 0..<0
    return ExportBody(segment: segment, range: range, records: records, leasedBytes: leasedBytes)
  }

  /// The two bodies that a dialect makes of this one; nil if it cannot be cut.
  func halves(speaking dialect: any Dialect) -> (first: ExportBody, second: ExportBody)? {
    if let split = withUnsafeBytes({ dialect.middle(of: $0) }) {
      guard split.offset > 0, split.offset < byteCount, (1..<max(records, 1)).contains(split.recordsBefore) else {
        return nil
      }
      let first = part(0..<split.offset, records: split.recordsBefore)
      return (first, rest(after: first, segment: segment, range: range.lowerBound + split.offset..<range.upperBound))
    }
    guard let halves = withUnsafeBytes({ dialect.halves(of: $0) }),
      (1..<max(records, 1)).contains(halves.recordsInFirst)
    else { return nil }
    let copy = FrameSegment(capacity: halves.first.count + halves.second.count)
    let ranges = [halves.first, halves.second].compactMap { half in half.withUnsafeBytes { copy.append($0) } }
    guard ranges.count == 2 else { return nil }
    let first = ExportBody(
      segment: copy, range: ranges[0], records: halves.recordsInFirst, leasedBytes: leasedBytes / 2)
    return (first, rest(after: first, segment: copy, range: ranges[1]))
  }

  /// What stands for all of this body that `first` does not.
  private func rest(after first: ExportBody, segment: FrameSegment, range: Range<Int>) -> ExportBody {
    ExportBody(
      segment: segment, range: range, records: records - first.records, leasedBytes: leasedBytes - first.leasedBytes)
  }
}
