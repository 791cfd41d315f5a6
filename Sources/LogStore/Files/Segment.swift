import FrameQueues

/// What is known of a segment: its blocks, and where they end.
struct Segment: Sendable {
  static let suffix = ".seg"
  private static let trailerMark = "SLUICEDE"

  let header: FileHeader
  var blocks: [BlockEntry] = []
  /// Where its blocks end, or its directory.
  var bytes = StoreFormat.fileHeaderBytes
  var isClosed = false
  /// Runs of bytes between its blocks that are none.
  var damaged = 0

  var name: String { StoreFormat.segmentName(header.number) }
  var records: Int { blocks.reduce(0) { $0 + $1.records } }
  /// The ordinal after its last record.
  var endOrdinal: UInt64 { blocks.last?.endOrdinal ?? header.firstOrdinal }
  /// When its last record came; when it was made, if it has none.
  var lastReceivedUnixNano: UInt64 { blocks.last?.receivedUnixNano ?? header.createdUnixNano }

  init(_ header: FileHeader) { self.header = header }

  /// Reads what a segment holds: its directory, else each of its blocks from `known` on, which must all be whole.
  init(reading file: StoreFile, _ header: FileHeader, known: Segment? = nil, zstd: Zstd) throws(StoreError) {
    self = known ?? Segment(header)
    let size = try reading { () throws(FileError) in try file.size() }
    if try readDirectory(of: file, size: size) { return }
    try scan(file, size: size, zstd: zstd)
  }

  // MARK: The directory

  /// What is written behind the last block when the segment is closed.
  func directory() -> [UInt8] {
    var bytes: [UInt8] = []
    for block in blocks {
      bytes += block.headerBytes
      bytes.append(UInt64(clamping: block.offset))
    }
    let checksum = bytes.withUnsafeBytes { Checksum.of($0) }
    bytes.append(zeros: StoreFormat.wholeLines(bytes.count) - bytes.count)
    let start = bytes.count
    bytes += Self.trailerMark.utf8
    bytes.append(UInt64(clamping: blocks.count))
    bytes.append(UInt64(clamping: self.bytes))
    bytes.append(checksum)
    bytes.append(zeros: 32)
    let trailer = Array(bytes[start...])
    bytes.append(trailer.withUnsafeBytes { Checksum.of($0, continuing: header.salt) })
    return bytes
  }

  /// True if the file ends in a directory, which was read.
  private mutating func readDirectory(of file: StoreFile, size: Int) throws(StoreError) -> Bool {
    let trailerBytes = StoreFormat.lineBytes
    guard size >= StoreFormat.fileHeaderBytes + trailerBytes, size % trailerBytes == 0 else { return false }
    let trailer = try reading { () throws(FileError) in try file.read(trailerBytes, at: size - trailerBytes) }
    let told = trailer.withUnsafeBytes { trailer -> (count: Int, start: Int, checksum: UInt32)? in
      guard trailer.count == trailerBytes, trailer.starts(with: Self.trailerMark.utf8),
        trailer.uint32(60) == Checksum.of(trailer, 0..<60, continuing: header.salt)
      else { return nil }
      return (Int(clamping: trailer.uint64(8)), Int(clamping: trailer.uint64(16)), trailer.uint32(24))
    }
    guard let told, (StoreFormat.fileHeaderBytes...size - trailerBytes).contains(told.start),
      told.count <= (size - trailerBytes - told.start) / StoreFormat.entryBytes
    else { return false }
    let count = told.count * StoreFormat.entryBytes
    let bytes = try reading { () throws(FileError) in try file.read(count, at: told.start) }
    let entries = bytes.withUnsafeBytes { bytes -> [BlockEntry]? in
      guard bytes.count == count, Checksum.of(bytes) == told.checksum else { return nil }
      let entries = stride(from: 0, to: count, by: StoreFormat.entryBytes).compactMap { start in
        let entry = bytes.part(start..<start + StoreFormat.entryBytes)
        return BlockEntry(entry, offset: Int(clamping: entry.uint64(64)))
      }
      return entries.count == told.count ? entries : nil
    }
    guard let entries else { return false }
    (blocks, self.bytes, isClosed) = (entries, size, true)
    return true
  }

  // MARK: Blocks one by one

  private mutating func scan(_ file: StoreFile, size: Int, zstd: Zstd) throws(StoreError) {
    var offset = bytes
    while let header = try nextHeader(in: file, from: offset, to: size) {
      if header.entry.offset > offset { damaged += 1 }
      offset = header.entry.offset + header.entry.bytes
      do {
        if try Block(header.entry, of: file, salt: self.header.salt, zstd: zstd).check() {
          blocks.append(header.entry)
          bytes = offset
          continue
        }
      } catch let error as FileError {
        // What cannot be read now must not be cut off.
        throw .file(error)
      } catch {
        // It is damaged.
      }
      // One that is damaged counts if there is another behind it; else it was not written to its end.
      if try nextHeader(in: file, from: offset, to: size) != nil { damaged += 1 }
    }
  }

  /// The header of the next block that lies wholly in the file, from a line on.
  private func nextHeader(in file: StoreFile, from start: Int, to size: Int) throws(StoreError) -> BlockHeader? {
    let window = 1 << 20
    var offset = start
    while offset + StoreFormat.blockHeaderBytes <= size {
      // Mostly the next block starts right here.
      let count = offset == start ? StoreFormat.blockHeaderBytes : window + StoreFormat.blockHeaderBytes
      let bytes = try reading { () throws(FileError) in try file.read(min(count, size - offset), at: offset) }
      if bytes.count < StoreFormat.blockHeaderBytes { return nil }
      let found = bytes.withUnsafeBytes { bytes in firstHeader(in: bytes, at: offset, size: size) }
      if let found { return found }
      offset += offset == start ? StoreFormat.lineBytes : window
    }
    return nil
  }

  private func firstHeader(in bytes: UnsafeRawBufferPointer, at offset: Int, size: Int) -> BlockHeader? {
    for place in stride(from: 0, through: bytes.count - StoreFormat.blockHeaderBytes, by: StoreFormat.lineBytes) {
      guard bytes[place] == BlockHeader.mark.utf8.first else { continue }
      let header = BlockHeader(bytes.part(place..<bytes.count), offset: offset + place, salt: header.salt)
      if let header, offset + place + header.entry.bytes <= size { return header }
    }
    return nil
  }
}
