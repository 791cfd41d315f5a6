import LogPipeline

/// Messages of one shape (`MessageShape`), counted together.
package struct MessagePattern: Sendable, Equatable {
  package let pattern: String
  package let hits: Int
  /// Of the messages.
  package let bytes: Int
  /// The start of one of the messages.
  package let sample: String
}

/// What shapes the messages of a query have.
package struct MessagePatterns: Sendable {
  /// The most frequent first.
  package let patterns: [MessagePattern]
  /// Records whose messages have further shapes, and the bytes of these messages.
  package let others: (hits: Int, bytes: Int)
  package let report: SearchReport
}

extension StoreView {
  /// Shapes that are told apart in one search.
  package static let maxPatterns = 5000

  /// The shapes of the messages that a query means, at most `limit`. Records without a message have the shape `""`.
  package func patterns(
    _ query: Query, limit: Int, maxPatterns: Int = StoreView.maxPatterns, _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> MessagePatterns {
    var counts = PatternCounts(maxPatterns: maxPatterns)
    var walk = BlockWalk(query, in: self, limits)
    try walk.forEach(.latestFirst) { block, rows in
      try counts.add(rows, of: block)
      return counts.byteCount <= limits.resultBytes
    }
    if walk.report.stop == nil { _ = walk.isTooLarge(counts.byteCount) }
    return counts.finished(limit: limit, walk.report)
  }
}

/// Shapes with their counts; memory is bounded by their number, as shapes and samples are by their length.
private struct PatternCounts {
  private struct Entry {
    let shape: [UInt8]
    let sample: [UInt8]
    var hits = 0
    var bytes = 0
  }

  private let maxPatterns: Int
  private var shape = MessageShape()
  private var entries: [Entry] = []
  /// By hash; of shapes with the same one the later have the next numbers.
  private var indices: [UInt64: Int] = [:]
  private var others = (hits: 0, bytes: 0)
  private(set) var byteCount = 0

  /// Bytes of a sample.
  private static let maxSampleBytes = 512

  init(maxPatterns: Int) { self.maxPatterns = maxPatterns }

  mutating func add(_ rows: Rows, of block: Block) throws {
    let (kinds, texts) = try block.bodies()
    var reader: FieldReader?
    var failure: (any Error)?
    texts.withUnsafeBytes { bytes in
      rows.forEach { row in
        if kinds[row] == BodyKind.text.rawValue { return add(bytes.part(texts.range(row))) }
        do {
          if reader == nil { reader = try FieldReader("_msg", of: block) }
          var text = try reader?.value(row) ?? ""
          text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
  }

  private mutating func add(_ message: UnsafeRawBufferPointer) {
    shape.take(message)
    guard let index = index(of: message) else {
      others.hits += 1
      others.bytes += message.count
      return
    }
    entries[index].hits += 1
    entries[index].bytes += message.count
  }

  /// The entry of the shape; nil if there are too many.
  private mutating func index(of message: UnsafeRawBufferPointer) -> Int? {
    var hasher = Hasher()
    shape.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    var hash = UInt64(UInt(bitPattern: hasher.finalize()))
    while let known = indices[hash] {
      if entries[known].shape == shape.bytes { return known }
      hash &+= 1
    }
    if entries.count >= maxPatterns { return nil }
    let sample = Array(message.prefix(Self.maxSampleBytes))
    entries.append(Entry(shape: shape.bytes, sample: sample))
    byteCount += shape.bytes.count + sample.count + 64
    indices[hash] = entries.count - 1
    return entries.count - 1
  }

  /// The most frequent, those of the same count by their shape.
  func finished(limit: Int, _ report: SearchReport) -> MessagePatterns {
    let sorted = entries.sorted {
      $0.hits != $1.hits ? $0.hits > $1.hits : $0.shape.lexicographicallyPrecedes($1.shape)
    }
    let patterns = sorted.prefix(limit).map { entry in
      MessagePattern(
        pattern: String(decoding: entry.shape, as: UTF8.self), hits: entry.hits, bytes: entry.bytes,
        sample: String(decoding: entry.sample, as: UTF8.self))
    }
    let rest = sorted.dropFirst(limit).reduce(others) { ($0.hits + $1.hits, $0.bytes + $1.bytes) }
    return MessagePatterns(patterns: Array(patterns), others: rest, report: report)
  }
}
