/// The columns of a block, in the order in which they lie.
enum ColumnName: Int, CaseIterable {
  /// `time_unix_nano`, then `observed_time_unix_nano`, as differences.
  case times
  /// The severity number, the severity that follows from number and text, and the text.
  case severities
  /// The streams of the block, and which one each record is of.
  case streams
  case bodies
  /// The fields `attributes` as they came.
  case attributes
  /// Trace ids of 16 bytes, then span ids of 8; nothing if no record has one.
  case ids
  /// The other fields as they came: flags, event names, counts.
  case others
}

/// How a column lies in its block.
struct ColumnEntry: Equatable {
  var storedBytes = 0
  /// The same as `storedBytes` for what is not compressed.
  var bytes = 0
  var checksum: UInt32 = 0
}

/// What is known of a block without reading it: a segment's directory, which stays in memory.
struct BlockEntry: Equatable {
  /// Where it starts in its file.
  var offset = 0
  var bytes = 0
  var records = 0
  /// Bit `n` is set if a record has severity `n`.
  var severities: UInt32 = 0
  /// The number of its first record; records count on from the first that the store took.
  var firstOrdinal: UInt64 = 0
  var earliest = UInt64.max
  var latest: UInt64 = 0
  /// When its last record came.
  var receivedUnixNano: UInt64 = 0
  var wordFilterBytes = 0
  var idFilterBytes = 0

  init() {}

  var endOrdinal: UInt64 { firstOrdinal &+ UInt64(records) }

  /// Nil if the numbers cannot be those of a block.
  init?(_ bytes: UnsafeRawBufferPointer, offset: Int) {
    self.offset = offset
    self.bytes = Int(bytes.uint32(4))
    records = Int(bytes.uint32(8))
    severities = bytes.uint32(12)
    firstOrdinal = bytes.uint64(16)
    earliest = bytes.uint64(24)
    latest = bytes.uint64(32)
    receivedUnixNano = bytes.uint64(40)
    wordFilterBytes = Int(bytes.uint32(56))
    idFilterBytes = Int(bytes.uint32(60))
    let filters = wordFilterBytes + idFilterBytes
    guard (1...StoreFormat.maxRecords).contains(records), self.bytes % StoreFormat.lineBytes == 0,
      wordFilterBytes <= StoreFormat.maxFilterBytes, idFilterBytes <= StoreFormat.maxFilterBytes,
      self.bytes <= StoreFormat.maxBlockBytes, self.bytes >= StoreFormat.blockHeaderBytes + filters,
      firstOrdinal <= UInt64.max - UInt64(records)
    else { return nil }
  }

  /// The first 64 bytes of a block's header.
  var headerBytes: [UInt8] {
    var header = [UInt8](BlockHeader.mark.utf8)
    header.append(UInt32(clamping: bytes))
    header.append(UInt32(clamping: records))
    header.append(severities)
    header.append(firstOrdinal)
    header.append(earliest)
    header.append(latest)
    header.append(receivedUnixNano)
    header.append(zeros: 8)
    header.append(UInt32(clamping: wordFilterBytes))
    header.append(UInt32(clamping: idFilterBytes))
    return header
  }
}

/// All of a block's header.
struct BlockHeader: Equatable {
  static let mark = "SLBK"

  var entry: BlockEntry
  var wordFilterChecksum: UInt32 = 0
  var idFilterChecksum: UInt32 = 0
  /// One for each `ColumnName`.
  var columns: [ColumnEntry]

  init(_ entry: BlockEntry, columns: [ColumnEntry]) {
    self.entry = entry
    self.columns = columns
  }

  /// The header that `bytes` start with; nil if there is none or its numbers do not fit together.
  init?(_ bytes: UnsafeRawBufferPointer, offset: Int, salt: UInt32) {
    guard bytes.count >= StoreFormat.blockHeaderBytes, bytes.starts(with: Self.mark.utf8),
      bytes.uint32(188) == Checksum.of(bytes, 0..<188, continuing: salt),
      let entry = BlockEntry(bytes, offset: offset)
    else { return nil }
    self.entry = entry
    wordFilterChecksum = bytes.uint32(64)
    idFilterChecksum = bytes.uint32(68)
    columns = ColumnName.allCases.map { name in
      let start = 72 + 12 * name.rawValue
      return ColumnEntry(
        storedBytes: Int(bytes.uint32(start)), bytes: Int(bytes.uint32(start + 4)), checksum: bytes.uint32(start + 8))
    }
    let stored = columns.reduce(0) { $0 + $1.storedBytes }
    guard columns.allSatisfy({ $0.bytes <= StoreFormat.maxColumnBytes && $0.storedBytes <= $0.bytes }),
      StoreFormat.wholeLines(columnsStart + stored) == entry.bytes
    else { return nil }
  }

  /// The header as it lies in a file.
  func bytes(salt: UInt32) -> [UInt8] {
    var bytes = entry.headerBytes
    bytes.append(wordFilterChecksum)
    bytes.append(idFilterChecksum)
    for column in columns {
      bytes.append(UInt32(clamping: column.storedBytes))
      bytes.append(UInt32(clamping: column.bytes))
      bytes.append(column.checksum)
    }
    bytes.append(zeros: 188 - bytes.count)
    bytes.append(bytes.withUnsafeBytes { Checksum.of($0, 0..<188, continuing: salt) })
    return bytes
  }

  /// Where the columns start in the block.
  private var columnsStart: Int {
    StoreFormat.blockHeaderBytes + entry.wordFilterBytes + entry.idFilterBytes
  }

  /// Where a column lies in the block.
  func range(of name: ColumnName) -> Range<Int> {
    let start = columnsStart + columns[..<name.rawValue].reduce(0) { $0 + $1.storedBytes }
    return start..<start + columns[name.rawValue].storedBytes
  }

  var wordFilterRange: Range<Int> {
    let start = StoreFormat.blockHeaderBytes
    return start..<start + entry.wordFilterBytes
  }

  var idFilterRange: Range<Int> { wordFilterRange.upperBound..<wordFilterRange.upperBound + entry.idFilterBytes }
}
