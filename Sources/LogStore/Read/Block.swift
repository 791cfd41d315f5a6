import FrameQueues

/// Where the bytes of a block are: in a file, or in memory for what is not in one yet.
protocol BlockBytes: AnyObject {
  /// Reads bytes of the file; fewer if it ends before.
  func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8]
}

/// A column of texts that was read.
struct Texts {
  /// Where each ends in `bytes`.
  let ends: [UInt32]
  let bytes: ArraySlice<UInt8>

  @inline(__always)
  func range(_ row: Int) -> Range<Int> {
    let start = row > 0 ? Int(ends[row &- 1]) : 0
    return start..<Int(ends[row])
  }

  /// Calls `body` with all texts; `range` says where each lies.
  @inline(__always)
  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { bytes.withUnsafeBytes(body) }

  /// So many empty texts.
  static func none(_ rows: Int) -> Texts { Texts(ends: [UInt32](repeating: 0, count: rows), bytes: []) }
}

/// One stream of a block.
struct BlockStream: Equatable {
  let resource: [UInt8]
  let resourceURL: [UInt8]
  let scope: [UInt8]
  let scopeURL: [UInt8]

  init(resource: [UInt8], resourceURL: [UInt8], scope: [UInt8], scopeURL: [UInt8]) {
    self.resource = resource
    self.resourceURL = resourceURL
    self.scope = scope
    self.scopeURL = scopeURL
  }

  init(_ parts: StreamParts) {
    resource = Array(parts.resource)
    resourceURL = Array(parts.resourceURL)
    scope = Array(parts.scope)
    scopeURL = Array(parts.scopeURL)
  }

  var id: UInt64 {
    resource.withUnsafeBytes { resource in
      resourceURL.withUnsafeBytes { resourceURL in
        scope.withUnsafeBytes { scope in
          scopeURL.withUnsafeBytes { scopeURL in
            StreamParts(resource: resource, resourceURL: resourceURL, scope: scope, scopeURL: scopeURL).id
          }
        }
      }
    }
  }
}

/// A block being read: its columns are read, checked and inflated when they are asked for first.
///
/// Every number in it is checked before it is used; what does not fit is `Damage`, and so is what cannot be read.
final class Block {
  let entry: BlockEntry
  private let header: BlockHeader
  private let source: any BlockBytes
  private let zstd: Zstd
  /// Bytes read for it, compressed and inflated.
  private(set) var bytesRead = 0

  private var kept: Kept = Kept()

  /// The columns that were read.
  private struct Kept {
    var times: (times: [UInt64], observed: [UInt64])?
    var severities: (numbers: [UInt8], severities: [UInt8], texts: Texts)?
    var streams: (streams: [BlockStream], streamOf: [UInt32])?
    var bodies: (kinds: [UInt8], texts: Texts)?
    var attributes: Texts?
    var ids: [UInt8]?
    var others: Texts?
  }

  var records: Int { entry.records }

  init(_ entry: BlockEntry, of source: any BlockBytes, salt: UInt32, zstd: Zstd) throws {
    let bytes = try source.read(StoreFormat.blockHeaderBytes, at: entry.offset)
    bytesRead = bytes.count
    let header = bytes.withUnsafeBytes { BlockHeader($0, offset: entry.offset, salt: salt) }
    guard let header, header.entry == entry else { throw Damage() }
    self.header = header
    self.entry = entry
    self.source = source
    self.zstd = zstd
  }

  /// Whether what was written of the block is what is read, all of it.
  func check() throws -> Bool {
    do {
      _ = try wordFilter()
      _ = try idFilter()
      for name in ColumnName.allCases { _ = try column(name) }
      return true
    } catch is Damage {
      return false
    }
  }

  func wordFilter() throws -> [UInt8] { try stored(header.wordFilterRange, header.wordFilterChecksum) }
  func idFilter() throws -> [UInt8] { try stored(header.idFilterRange, header.idFilterChecksum) }

  private func stored(_ range: Range<Int>, _ checksum: UInt32) throws -> [UInt8] {
    if range.isEmpty { return [] }
    let bytes = try source.read(range.count, at: entry.offset + range.lowerBound)
    guard bytes.count == range.count, bytes.withUnsafeBytes({ Checksum.of($0) }) == checksum else { throw Damage() }
    bytesRead += bytes.count
    return bytes
  }

  private func column(_ name: ColumnName) throws -> [UInt8] {
    let column = header.columns[name.rawValue]
    let bytes = try stored(header.range(of: name), column.checksum)
    if bytes.count == column.bytes { return bytes }
    var isInflated = false
    let inflated = [UInt8](unsafeUninitializedCapacity: column.bytes) { buffer, count in
      let output = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: column.bytes)
      isInflated = bytes.withUnsafeBytes { zstd.inflate($0, to: output) }
      // What was not written is not looked at, but has to be something.
      if !isInflated { output.initializeMemory(as: UInt8.self, repeating: 0) }
      count = column.bytes
    }
    if !isInflated { throw Damage() }
    bytesRead += inflated.count
    return inflated
  }

  // MARK: Columns

  /// The times as they came, and when records were observed.
  func times() throws -> (times: [UInt64], observed: [UInt64]) {
    if let times = kept.times { return times }
    let bytes = try column(.times)
    var (times, observed): ([UInt64], [UInt64]) = ([], [])
    try bytes.withUnsafeBytes { bytes in
      var reader = ColumnReader(bytes)
      var last: UInt64 = 0
      times = try reader.numbers(records).map { difference in
        last &+= Varint.unzigzag(difference)
        return last
      }
      observed = try reader.numbers(records)
      for row in 0..<records { observed[row] = times[row] &+ Varint.unzigzag(observed[row]) }
    }
    kept.times = (times, observed)
    return (times, observed)
  }

  /// When each record was, for search: its own time, else when it was observed.
  func effectiveTimes() throws -> [UInt64] {
    let (times, observed) = try self.times()
    return times.contains(0) ? zip(times, observed).map { $0 == 0 ? $1 : $0 } : times
  }

  func severities() throws -> (numbers: [UInt8], severities: [UInt8], texts: Texts) {
    if let severities = kept.severities { return severities }
    let bytes = try column(.severities)
    guard bytes.count >= 2 * records else { throw Damage() }
    let read = (
      Array(bytes[..<records]), Array(bytes[records..<2 * records]), try texts(bytes, from: 2 * records)
    )
    kept.severities = read
    return read
  }

  /// The streams, and which one each record is of.
  func streams() throws -> (streams: [BlockStream], streamOf: [UInt32]) {
    if let streams = kept.streams { return streams }
    let bytes = try column(.streams)
    var (streams, streamOf): ([BlockStream], [UInt32]) = ([], [])
    try bytes.withUnsafeBytes { bytes in
      var reader = ColumnReader(bytes)
      let count = try reader.number()
      guard count <= UInt64(records) else { throw Damage() }
      for _ in 0..<count {
        streams.append(
          BlockStream(
            resource: try reader.text(), resourceURL: try reader.text(), scope: try reader.text(),
            scopeURL: try reader.text()))
      }
      streamOf = try reader.numbers(records).map { index in
        guard index < count else { throw Damage() }
        return UInt32(truncatingIfNeeded: index)
      }
    }
    kept.streams = (streams, streamOf)
    return (streams, streamOf)
  }

  /// What each body is (`BodyKind`), and its text or `AnyValue`.
  func bodies() throws -> (kinds: [UInt8], texts: Texts) {
    if let bodies = kept.bodies { return bodies }
    let bytes = try column(.bodies)
    guard bytes.count >= records else { throw Damage() }
    let read = (Array(bytes[..<records]), try texts(bytes, from: records))
    kept.bodies = read
    return read
  }

  /// The fields `attributes` of each record.
  func attributes() throws -> Texts {
    if let attributes = kept.attributes { return attributes }
    let read = try texts(try column(.attributes), from: 0)
    kept.attributes = read
    return read
  }

  /// Trace ids of 16 bytes, then span ids of 8; nothing if no record has one.
  func ids() throws -> [UInt8] {
    if let ids = kept.ids { return ids }
    let read = try column(.ids)
    guard read.isEmpty || read.count == 24 * records else { throw Damage() }
    kept.ids = read
    return read
  }

  /// The other fields of each record.
  func others() throws -> Texts {
    if let others = kept.others { return others }
    let bytes = try column(.others)
    let read = bytes.isEmpty ? .none(records) : try texts(bytes, from: 0)
    kept.others = read
    return read
  }

  private func texts(_ bytes: [UInt8], from start: Int) throws -> Texts {
    var ends: [UInt32] = []
    var textsStart = 0
    try bytes.withUnsafeBytes { bytes in
      var reader = ColumnReader(bytes, from: start)
      ends = try reader.ends(records)
      textsStart = reader.index
    }
    guard bytes.count - textsStart == Int(ends.last ?? 0) else { throw Damage() }
    return Texts(ends: ends, bytes: bytes[textsStart...])
  }
}

/// Reads numbers of a column; what is not there is damage.
struct ColumnReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var index: Int

  init(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) {
    self.bytes = bytes
    index = start
  }

  @inline(__always)
  mutating func number() throws(Damage) -> UInt64 {
    guard let number = Varint.read(bytes, &index, before: bytes.count) else { throw Damage() }
    return number
  }

  mutating func numbers(_ count: Int) throws(Damage) -> [UInt64] {
    // Each takes a byte.
    guard count <= bytes.count - index else { throw Damage() }
    var numbers: [UInt64] = []
    numbers.reserveCapacity(count)
    for _ in 0..<count { numbers.append(try number()) }
    return numbers
  }

  /// So many lengths, as ends.
  mutating func ends(_ count: Int) throws(Damage) -> [UInt32] {
    var end: UInt64 = 0
    var ends: [UInt32] = []
    ends.reserveCapacity(count)
    for _ in 0..<count {
      let length = try number()
      guard length <= UInt64(bytes.count) else { throw Damage() }
      end &+= length
      guard end <= UInt64(bytes.count) else { throw Damage() }
      ends.append(UInt32(truncatingIfNeeded: end))
    }
    return ends
  }

  /// A text with its length before it.
  mutating func text() throws(Damage) -> [UInt8] {
    let count = try number()
    guard count <= UInt64(bytes.count - index) else { throw Damage() }
    defer { index += Int(count) }
    return Array(bytes.part(index..<index + Int(count)))
  }
}
