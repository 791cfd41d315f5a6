/// Texts one after the other, and where each ends.
struct TextColumn {
  var ends: [UInt32] = []
  var bytes: [UInt8] = []

  mutating func removeAll() {
    ends.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  /// Ends the text that was appended to `bytes`.
  mutating func end() { ends.append(UInt32(truncatingIfNeeded: bytes.count)) }

  mutating func append(_ text: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: text)
    end()
  }

  /// Writes the lengths, then the texts.
  func write(to output: inout [UInt8]) {
    var start: UInt32 = 0
    for end in ends {
      Varint.append(UInt64(end &- start), to: &output)
      start = end
    }
    output += bytes
  }
}

/// A block that records are added to, by column. Emptied and used again.
struct BlockBuilder: ~Copyable {
  private let zstd: Zstd
  /// The level of compression; 0 for none.
  private let level: Int32
  private(set) var records = 0
  /// What was added, in bytes.
  private(set) var byteCount = 0
  private var entry = BlockEntry()
  private var times: [UInt64] = []
  private var observed: [UInt64] = []
  private var numbers: [UInt8] = []
  private var severities: [UInt8] = []
  private var severityTexts = TextColumn()
  private var streams = StreamTable()
  private var streamOf: [UInt32] = []
  private var bodyKinds: [UInt8] = []
  private var bodies = TextColumn()
  private var attributes = TextColumn()
  private var traces: [UInt8] = []
  private var spans: [UInt8] = []
  private var hasIDs = false
  private var others = TextColumn()
  private var words = WordSet()
  private var ids = WordSet()
  private let text = LeafText()
  private var stream: UInt32 = 0

  init(zstd: Zstd, level: Int32) {
    self.zstd = zstd
    self.level = level
  }

  mutating func removeAll() {
    (records, byteCount, hasIDs, entry) = (0, 0, false, BlockEntry())
    times.removeAll(keepingCapacity: true)
    observed.removeAll(keepingCapacity: true)
    numbers.removeAll(keepingCapacity: true)
    severities.removeAll(keepingCapacity: true)
    severityTexts.removeAll()
    streams = StreamTable()
    streamOf.removeAll(keepingCapacity: true)
    bodyKinds.removeAll(keepingCapacity: true)
    bodies.removeAll()
    attributes.removeAll()
    traces.removeAll(keepingCapacity: true)
    spans.removeAll(keepingCapacity: true)
    others.removeAll()
    words.removeAll()
    ids.removeAll()
  }

  /// What the records that follow are of.
  mutating func use(_ parts: StreamParts) {
    let (index, isNew) = streams.index(of: parts)
    stream = index
    guard isNew else { return }
    byteCount &+= parts.resource.count &+ parts.scope.count
    ids.add(parts.id)
    addWords(ofPairs: 1, in: parts.resource)
    addWords(ofPairs: 3, in: parts.scope)
    var fields = WireFields(parts.scope)
    while let field = fields.next() {
      if field.number == 1 || field.number == 2 { words.addWords(of: parts.scope.part(field.content)) }
    }
  }

  /// Adds a record of `use`d stream, received at a time.
  mutating func add(
    _ record: Range<Int>, of body: UnsafeRawBufferPointer, receivedUnixNano: UInt64
  ) throws(StoreError) {
    var row = Row(receivedUnixNano)
    var fields = WireFields(body, in: record)
    while let field = fields.next() { take(field, of: body, into: &row, end: fields.index) }
    // What was appended of it so far is forgotten with the whole block.
    if fields.isMalformed { throw .malformed(byte: fields.index) }
    end(row, of: body)
    records &+= 1
    byteCount &+= record.count
  }

  /// What a record has once.
  private struct Row {
    let received: UInt64
    var time: UInt64 = 0
    var observed: UInt64 = 0
    var number: UInt8 = 0
    var severityText = 0..<0
    var body: Range<Int>?
    var trace: Range<Int>?
    var span: Range<Int>?

    init(_ received: UInt64) { self.received = received }
  }

  @inline(__always)
  private mutating func take(
    _ field: WireFields.Field, of body: UnsafeRawBufferPointer, into row: inout Row, end: Int
  ) {
    switch (field.number, field.kind) {
    case (1, .fixed64): row.time = field.value
    case (2, .varint) where field.value <= 255: row.number = UInt8(truncatingIfNeeded: field.value)
    case (3, .bytes): row.severityText = field.content
    case (5, .bytes): row.body = field.content
    case (6, .bytes):
      attributes.bytes.append(contentsOf: body.part(field.start..<end))
      addWords(of: Leaves.pair(field.content, of: body).value, of: body)
    case (9, .bytes) where field.content.count == 16: row.trace = field.content
    case (10, .bytes) where field.content.count == 8: row.span = field.content
    case (11, .fixed64): row.observed = field.value
    default:
      others.bytes.append(contentsOf: body.part(field.start..<end))
      if field.number == 12 { words.addWords(of: body.part(field.content)) }
    }
  }

  private mutating func end(_ row: Row, of body: UnsafeRawBufferPointer) {
    // A record without any time was observed when it came (logs data model, ObservedTimestamp).
    let seen = row.time == 0 && row.observed == 0 ? row.received : row.observed
    let time = row.time == 0 ? seen : row.time
    entry.earliest = min(entry.earliest, time)
    entry.latest = max(entry.latest, time)
    entry.receivedUnixNano = max(entry.receivedUnixNano, row.received)
    times.append(row.time)
    observed.append(seen)
    let severityText = body.part(row.severityText)
    let severity = Severity.of(number: row.number, text: severityText)
    entry.severities |= 1 &<< UInt32(severity)
    numbers.append(row.number)
    severities.append(severity)
    severityTexts.append(severityText)
    if !severityText.isEmpty { words.addWords(of: severityText) }
    streamOf.append(stream)
    endBody(row.body, of: body)
    attributes.end()
    others.end()
    endIDs(row, of: body)
  }

  /// A body that is a string is kept as its text, any other as the `AnyValue` it came as.
  private mutating func endBody(_ value: Range<Int>?, of body: UnsafeRawBufferPointer) {
    guard let value else {
      bodyKinds.append(BodyKind.none.rawValue)
      return bodies.end()
    }
    var fields = WireFields(body, in: value)
    if let field = fields.next(), field.number == 1, field.content.upperBound == value.upperBound {
      let text = body.part(field.content)
      bodyKinds.append(BodyKind.text.rawValue)
      bodies.append(text)
      return words.addWords(of: text)
    }
    bodyKinds.append(BodyKind.value.rawValue)
    bodies.append(body.part(value))
    addWords(of: value, of: body)
  }

  private mutating func endIDs(_ row: Row, of body: UnsafeRawBufferPointer) {
    if let trace = row.trace {
      traces.append(contentsOf: body.part(trace))
      ids.add(WordSet.hash(ofID: body.part(trace)))
    } else {
      traces.append(zeros: 16)
    }
    if let span = row.span { spans.append(contentsOf: body.part(span)) } else { spans.append(zeros: 8) }
    hasIDs = hasIDs || row.trace != nil || row.span != nil
  }

  private mutating func addWords(of value: Range<Int>, of body: UnsafeRawBufferPointer) {
    var fields = WireFields(body, in: value)
    while let field = fields.next() {
      switch (field.number, Leaves.leaf(field, of: body)) {
      case (_, .text(let text)): words.addWords(of: text)
      case (_, .some(let leaf)): addWords(of: leaf)
      case (5, _), (6, _): Leaves.visit(value, of: body) { addWords(of: $0) }
      default: break
      }
    }
  }

  private mutating func addWords(of leaf: Leaf) { text.with(leaf) { words.addWords(of: $0) } }

  private mutating func addWords(ofPairs number: UInt64, in message: UnsafeRawBufferPointer) {
    Leaves.forEachPair(0..<message.count, of: message, field: number) { _, value in
      addWords(of: value, of: message)
    }
  }

  // MARK: The block

  /// Appends the block to `output`, whose entry it returns; its offset is where it starts in `output`.
  mutating func finish(_ place: BlockPlace, to output: inout [UInt8]) -> BlockEntry {
    let start = output.count
    (entry.offset, entry.records) = (start, records)
    entry.firstOrdinal = place.firstOrdinal
    let (wordFilter, idFilter) = (words.filter(bitsPerHash: 10), ids.filter(bitsPerHash: 12))
    (entry.wordFilterBytes, entry.idFilterBytes) = (wordFilter.count, idFilter.count)
    output.append(zeros: StoreFormat.blockHeaderBytes)
    output += wordFilter
    output += idFilter
    var header = BlockHeader(entry, columns: [])
    header.wordFilterChecksum = wordFilter.withUnsafeBytes { Checksum.of($0) }
    header.idFilterChecksum = idFilter.withUnsafeBytes { Checksum.of($0) }
    for name in ColumnName.allCases { header.columns.append(write(column(name), to: &output)) }
    output.append(zeros: StoreFormat.wholeLines(output.count - start) - (output.count - start))
    entry.bytes = output.count - start
    header.entry = entry
    output.replaceSubrange(start..<start + StoreFormat.blockHeaderBytes, with: header.bytes(salt: place.salt))
    return entry
  }

  private func write(_ column: [UInt8], to output: inout [UInt8]) -> ColumnEntry {
    let stored = zstd.append(column, level: level, to: &output)
    let checksum = output.withUnsafeBytes { Checksum.of($0, $0.count - stored..<$0.count) }
    return ColumnEntry(storedBytes: stored, bytes: column.count, checksum: checksum)
  }

  private func column(_ name: ColumnName) -> [UInt8] {
    var bytes: [UInt8] = []
    switch name {
    case .times:
      bytes.reserveCapacity(records &* 8)
      var last: UInt64 = 0
      for time in times {
        Varint.append(Varint.zigzag(time &- last), to: &bytes)
        last = time
      }
      for row in 0..<records { Varint.append(Varint.zigzag(observed[row] &- times[row]), to: &bytes) }
    case .severities:
      bytes += numbers
      bytes += severities
      severityTexts.write(to: &bytes)
    case .streams:
      streams.write(to: &bytes)
      for stream in streamOf { Varint.append(UInt64(stream), to: &bytes) }
    case .bodies:
      bytes.reserveCapacity(bodies.bytes.count &+ records &* 4)
      bytes += bodyKinds
      bodies.write(to: &bytes)
    case .attributes:
      bytes.reserveCapacity(attributes.bytes.count &+ records &* 3)
      attributes.write(to: &bytes)
    case .ids where hasIDs: bytes = traces + spans
    case .ids: break
    case .others: if !others.bytes.isEmpty { others.write(to: &bytes) }
    }
    return bytes
  }
}

/// Where a block comes to stand.
struct BlockPlace {
  var firstOrdinal: UInt64
  var salt: UInt32
}

/// What a body is.
enum BodyKind: UInt8 {
  case none = 0
  case text = 1
  case value = 2
}

/// The streams of a block, each once.
struct StreamTable {
  /// The four parts of each stream, with their lengths.
  private var bytes: [UInt8] = []
  private var places: [Range<Int>] = []
  private var indices: [UInt64: [UInt32]] = [:]

  /// The place of a stream in the table, and whether it was not in it before.
  mutating func index(of parts: StreamParts) -> (index: UInt32, isNew: Bool) {
    let start = bytes.count
    for part in [parts.resource, parts.resourceURL, parts.scope, parts.scopeURL] {
      Varint.append(UInt64(part.count), to: &bytes)
      bytes.append(contentsOf: part)
    }
    let id = parts.id
    for index in indices[id] ?? [] where bytes[places[Int(index)]] == bytes[start...] {
      bytes.removeLast(bytes.count - start)
      return (index, false)
    }
    let index = UInt32(clamping: places.count)
    places.append(start..<bytes.count)
    indices[id, default: []].append(index)
    return (index, true)
  }

  func write(to output: inout [UInt8]) {
    Varint.append(UInt64(places.count), to: &output)
    output += bytes
  }
}
