// decision: docs/decisions/0304-writes-with-the-sync.md

/// Writes frames from memory to the segment that is appended to, as whole pages past the system's cache: what goes
/// through the cache is copied to its pages, and each sync looks for them there.
///
/// Only the committing thread uses it. The page that the last frame ends in is filled with zeros, and written again
/// with the next frame.
struct PageWriter {
  /// How much is written at once, in whole pages.
  static let bufferBytes = 2 << 20
  private static let zeros = [UInt8](repeating: 0, count: SegmentFormat.pageBytes)

  /// What lies in the file from `start` on, which is the start of a page; nil until something is written.
  private var buffer: FrameSegment?
  private var file: SegmentFile?
  private var start = 0
  /// Where the last frame ends in the file.
  private var end = 0

  /// Writes frames at `offset`, which is where the file's last frame ends.
  mutating func write(_ kept: [KeptFrames], to file: SegmentFile, at offset: Int) throws(FileError) {
    if kept.isEmpty { return }
    let buffer = buffer ?? FrameSegment(capacity: Self.bufferBytes, inLargePages: true)
    self.buffer = buffer
    do throws(FileError) {
      if self.file !== file || end != offset { try begin(file, at: offset, buffer) }
      for frames in kept {
        try unsafe frames.forEach { header, payload throws(FileError) in
          try put(header, salt: file.header.salt, to: buffer)
          try unsafe put(payload, to: buffer)
        }
      }
      try finish(buffer)
    } catch {
      self.file = nil
      throw error
    }
  }

  /// Goes on in another file, after what the page at `offset` holds already.
  private mutating func begin(_ file: SegmentFile, at offset: Int, _ buffer: FrameSegment) throws(FileError) {
    self.file = file
    end = offset
    start = offset - offset % SegmentFormat.pageBytes
    try unsafe buffer.fill { [start] memory throws(FileError) in
      let begun = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<(offset - start)])
      let count = unsafe begun.isEmpty ? 0 : try file.read(into: begun, at: start)
      // A file cut behind our back has lost what is missing.
      unsafe UnsafeMutableRawBufferPointer(rebasing: begun[count...]).initializeMemory(as: UInt8.self, repeating: 0)
      return begun.count
    }
  }

  private mutating func put(_ header: FrameHeader, salt: UInt32, to buffer: FrameSegment) throws(FileError) {
    try unsafe withUnsafeTemporaryAllocation(byteCount: SegmentFormat.frameHeaderBytes, alignment: 8) {
      bytes throws(FileError) in
      unsafe header.write(to: bytes, salt: salt)
      try unsafe put(UnsafeRawBufferPointer(bytes), to: buffer)
    }
  }

  private mutating func put(_ bytes: UnsafeRawBufferPointer, to buffer: FrameSegment) throws(FileError) {
    var rest = unsafe bytes
    while unsafe !rest.isEmpty {
      if buffer.free == 0 {
        try writePages(of: buffer)
        start += buffer.capacity
        buffer.rewind()
      }
      let count = min(rest.count, buffer.free)
      _ = unsafe buffer.append(UnsafeRawBufferPointer(rebasing: rest[..<count]))
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    end += bytes.count
  }

  /// Writes what is in the buffer and keeps what there is of the page that the next frame begins in.
  private mutating func finish(_ buffer: FrameSegment) throws(FileError) {
    let begunBytes = end % SegmentFormat.pageBytes
    if begunBytes > 0 {
      unsafe Self.zeros.withUnsafeBytes {
        _ = unsafe buffer.append(UnsafeRawBufferPointer(rebasing: $0[begunBytes...]))
      }
    }
    try writePages(of: buffer)
    let begun = unsafe buffer.withUnsafeBytes { unsafe Array($0.suffix(SegmentFormat.pageBytes).prefix(begunBytes)) }
    start = end - begunBytes
    buffer.rewind()
    unsafe begun.withUnsafeBytes { _ = unsafe buffer.append($0) }
  }

  private func writePages(of buffer: FrameSegment) throws(FileError) {
    try unsafe buffer.withUnsafeBytes { pages throws(FileError) in try unsafe file?.writePages(pages, at: start) }
  }
}
