/// The frames of one append, small ones joined, with their checksums.
@safe struct FrameAppend {
  struct Frame: Equatable {
    var range: Range<Int>
    var records: Int
    var checksum: UInt32 = 0
  }

  let bytes: UnsafeRawBufferPointer
  private(set) var frames: [Frame] = []

  /// Cuts `bytes` at the marks, except where that would leave a frame shorter than `minFrameBytes`.
  init(_ bytes: UnsafeRawBufferPointer, _ marks: [FrameMark], minFrameBytes: Int) {
    unsafe self.bytes = bytes
    var start = 0
    var records = 0
    for (index, mark) in marks.enumerated() {
      let end = min(max(mark.endOffset, start), bytes.count)
      records &+= max(mark.records, 0)
      guard end - start >= max(minFrameBytes, 1) || index == marks.count - 1 else { continue }
      if end == start, records == 0 { continue }
      let checksum = unsafe CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      let kept = Int(UInt32(clamping: records))
      frames.append(Frame(range: start..<end, records: kept, checksum: checksum))
      start = end
      records = 0
    }
  }

  var totals: FrameTotals {
    frames.reduce(into: .zero) { $0 += FrameTotals(bytes: $1.range.count, records: $1.records) }
  }

  /// Bytes in the file.
  var fileBytes: Int { frames.reduce(0) { $0 + SegmentFormat.frameHeaderBytes + $1.range.count } }

  /// Calls `write` with what goes to the file: each frame's header and payload, in turn, and some zeros.
  func withParts(
    firstFrame: UInt64, salt: UInt32, zeros: Int = 0, _ write: ([UnsafeRawBufferPointer]) throws(FileError) -> Void
  ) throws(FileError) {
    let step = SegmentFormat.frameHeaderBytes
    var headers = [UInt8](repeating: 0, count: step * frames.count + zeros)
    try unsafe headers.withUnsafeMutableBufferPointer { headers throws(FileError) in
      let headers = UnsafeMutableRawBufferPointer(headers)
      var parts: [UnsafeRawBufferPointer] = unsafe []
      unsafe parts.reserveCapacity(2 * frames.count + 1)
      for (index, frame) in frames.enumerated() {
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: headers[(index * step)..<((index + 1) * step)])
        unsafe FrameHeader(
          payloadBytes: frame.range.count, frame: firstFrame + UInt64(index), records: frame.records,
          payloadChecksum: frame.checksum
        ).write(to: room, salt: salt)
        unsafe parts.append(UnsafeRawBufferPointer(room))
        unsafe parts.append(UnsafeRawBufferPointer(rebasing: bytes[frame.range]))
      }
      unsafe parts.append(UnsafeRawBufferPointer(rebasing: headers[(step * frames.count)...]))
      try unsafe write(parts)
    }
  }
}
