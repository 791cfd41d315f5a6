import FrameQueues

/// A request that is in a head.
struct HeadRequest: Sendable {
  let bytes: [UInt8]
  let records: Int
  let receivedUnixNano: UInt64
}

/// The requests that do not fill a block yet: in memory, and in a file that survives the process.
struct Head: Sendable {
  static let suffix = ".head"
  private static let entryMark = "SLHE"

  let header: FileHeader
  private(set) var requests: [HeadRequest] = []
  private(set) var records = 0
  /// Bytes of its requests.
  private(set) var byteCount = 0
  /// Where they end in the file.
  private(set) var fileBytes = StoreFormat.fileHeaderBytes
  /// Whether nothing more can be written to its file.
  var isBroken = false

  var name: String { StoreFormat.headName(header.number) }
  var endOrdinal: UInt64 { header.firstOrdinal &+ UInt64(records) }

  init(_ header: FileHeader) { self.header = header }

  mutating func append(_ request: HeadRequest) {
    requests.append(request)
    records += request.records
    byteCount += request.bytes.count
    fileBytes += StoreFormat.headEntryBytes + request.bytes.count
  }

  /// A request as it lies in the file.
  func entry(_ request: HeadRequest) -> [UInt8] {
    var bytes = [UInt8](Self.entryMark.utf8)
    bytes.append(UInt32(clamping: request.bytes.count))
    bytes.append(UInt32(clamping: request.records))
    bytes.append(request.bytes.withUnsafeBytes { Checksum.of($0) })
    bytes.append(request.receivedUnixNano)
    bytes.append(zeros: 4)
    bytes.append(bytes.withUnsafeBytes { Checksum.of($0, continuing: header.salt) })
    return bytes + request.bytes
  }

  /// Reads what a file holds up to the first entry that is not whole, where a crash cut it off.
  init(reading file: StoreFile, _ header: FileHeader) throws(StoreError) {
    self.header = header
    let size = try reading { () throws(FileError) in try file.size() }
    guard size <= StoreFormat.maxBlockBytes else { return }
    let bytes = try reading { () throws(FileError) in try file.read(size, at: 0) }
    bytes.withUnsafeBytes { bytes in
      while let request = request(in: bytes, at: fileBytes) { append(request) }
    }
  }

  private func request(in bytes: UnsafeRawBufferPointer, at offset: Int) -> HeadRequest? {
    let entry = bytes.part(offset..<offset + StoreFormat.headEntryBytes)
    guard entry.count == StoreFormat.headEntryBytes, entry.starts(with: Self.entryMark.utf8),
      entry.uint32(28) == Checksum.of(entry, 0..<28, continuing: header.salt)
    else { return nil }
    let start = offset + StoreFormat.headEntryBytes
    let request = bytes.part(start..<start + Int(entry.uint32(4)))
    let records = Int(entry.uint32(8))
    guard request.count == Int(entry.uint32(4)), Checksum.of(request) == entry.uint32(12),
      (try? RequestWalk.count(request)) == records
    else { return nil }
    return HeadRequest(bytes: Array(request), records: records, receivedUnixNano: entry.uint64(16))
  }

  /// Its records as a block in memory; nil if there are none.
  func block(zstd: Zstd) throws(StoreError) -> Block? {
    if records == 0 { return nil }
    var builder = BlockBuilder(zstd: zstd, level: 0)
    for request in requests { try builder.add(request) }
    var bytes: [UInt8] = []
    let entry = builder.finish(BlockPlace(firstOrdinal: header.firstOrdinal, salt: header.salt), to: &bytes)
    do { return try Block(entry, of: BlockMemory(bytes), salt: header.salt, zstd: zstd) } catch { return nil }
  }
}

extension BlockBuilder {
  /// Adds all records of a request.
  mutating func add(_ request: HeadRequest) throws(StoreError) {
    var failure: StoreError?
    request.bytes.withUnsafeBytes { body in
      do throws(StoreError) {
        try RequestWalk.forEachRecord(of: body) { stream, isNew, record throws(StoreError) in
          if isNew { use(stream) }
          try add(record, of: body, receivedUnixNano: request.receivedUnixNano)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
