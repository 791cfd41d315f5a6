import FrameQueues

/// What a search did, beside what it found.
package struct SearchReport: Sendable, Equatable {
  /// Blocks that were looked into, beyond what is known of each.
  package var blocks = 0
  package var bytesRead = 0
  /// Records that were meant, as far as it looked.
  package var matches = 0
  /// Blocks that are not what was written, and were left out.
  package var damagedBlocks = 0
  /// Why it ended early; nil if it saw everything.
  package var stop: SearchStop?

  /// Counts what another did too.
  mutating func add(_ other: SearchReport) {
    blocks += other.blocks
    bytesRead += other.bytesRead
    matches += other.matches
    damagedBlocks += other.damagedBlocks
    stop = stop ?? other.stop
  }
}

/// The blocks of a view that a query may mean, one after the other, within limits.
struct BlockWalk {
  /// Which block comes first.
  enum Order {
    case latestFirst
    case earliestFirst
    /// As the records came.
    case arrival
  }

  private let view: StoreView
  private let query: Query
  private let limits: SearchLimits
  private let zstd = Zstd()
  private let start = monotonicNanoseconds()
  var report = SearchReport()
  /// Where the block begins that was not looked at any more, or was the last.
  private(set) var reachedOrdinal: UInt64 = 0
  /// The file that the last block was read from.
  private var open: (segment: Int, file: StoreFile?)?

  init(_ query: Query, in view: StoreView, _ limits: SearchLimits) {
    self.view = view
    self.query = query
    self.limits = limits
  }

  /// A block that may be meant: of a segment, or, without one, of the head.
  private struct Candidate {
    let segment: Int?
    let entry: BlockEntry
  }

  /// Calls `visit` with each block and the records of it that the query means, from `firstOrdinal` on, until it
  /// returns false. `isEnough` is asked before a block is read.
  mutating func forEach(
    _ order: Order, fromOrdinal firstOrdinal: UInt64 = 0, isEnough: (BlockEntry) -> Bool = { _ in false },
    _ visit: (Block, Rows) throws -> Bool
  ) throws(StoreError) {
    let head = try view.head?.block(zstd: zstd)
    for candidate in candidates(order, fromOrdinal: firstOrdinal, head: head?.entry) {
      reachedOrdinal = candidate.entry.firstOrdinal
      if isEnough(candidate.entry) || isOver() { return }
      do {
        guard let block = try candidate.segment == nil ? head : self.block(candidate) else { continue }
        let isMeant = try look(at: block, fromOrdinal: firstOrdinal, visit)
        if !isMeant { return }
      } catch let error as StoreError {
        throw error
      } catch is FileError {
        report.damagedBlocks += 1
      } catch {
        report.damagedBlocks += 1
      }
    }
  }

  /// False if that was the last block to look at.
  private mutating func look(
    at block: Block, fromOrdinal firstOrdinal: UInt64, _ visit: (Block, Rows) throws -> Bool
  ) throws -> Bool {
    defer { report.bytesRead += block.bytesRead }
    var candidates = Rows(all: block.records)
    var isWhole = true
    if let scope = view.scope {
      // Before anything else is looked at: how long a search takes is to tell nothing of the other records' words.
      candidates = try scope.rows(in: block)
      if candidates.isEmpty { return true }
      isWhole = candidates.population == block.records
    }
    if isWhole, query.usesFilters, block.entry.bytes > 0, try !query.mayMatch(block) { return true }
    report.blocks += 1
    if firstOrdinal > block.entry.firstOrdinal {
      let first = firstOrdinal - block.entry.firstOrdinal
      candidates = Rows(candidates) { UInt64($0) >= first }
    }
    let rows = try query.rows(in: block, among: candidates)
    report.matches += rows.population
    return try rows.isEmpty || visit(block, rows)
  }

  private func candidates(_ order: Order, fromOrdinal: UInt64, head: BlockEntry?) -> [Candidate] {
    var list: [Candidate] = []
    for (index, segment) in view.segments.enumerated() {
      for entry in segment.blocks where entry.endOrdinal > fromOrdinal && query.mayMatch(entry) {
        list.append(Candidate(segment: index, entry: entry))
      }
    }
    if let head, head.endOrdinal > fromOrdinal, query.mayMatch(head) {
      list.append(Candidate(segment: nil, entry: head))
    }
    switch order {
    case .latestFirst: list.sort { ($0.entry.latest, $0.entry.firstOrdinal) > ($1.entry.latest, $1.entry.firstOrdinal) }
    case .earliestFirst:
      list.sort { ($0.entry.earliest, $0.entry.firstOrdinal) < ($1.entry.earliest, $1.entry.firstOrdinal) }
    case .arrival: list.sort { $0.entry.firstOrdinal < $1.entry.firstOrdinal }
    }
    return list
  }

  /// Opens a block; nil if its segment was removed meanwhile.
  private mutating func block(_ candidate: Candidate) throws -> Block? {
    guard let index = candidate.segment else { return nil }
    let segment = view.segments[index]
    if open?.segment != index { open = (index, try view.folder.openIfThere(segment.name)) }
    guard let file = open?.file else { return nil }
    return try Block(candidate.entry, of: file, salt: segment.header.salt, zstd: zstd)
  }

  private mutating func isOver() -> Bool {
    if limits.isCancelled() {
      report.stop = .cancelled
    } else if report.bytesRead > limits.readBytes {
      report.stop = .readBytes(report.bytesRead, limit: limits.readBytes)
    } else if monotonicNanoseconds() &- start > limits.duration.unixNano {
      report.stop = .duration(limit: limits.duration)
    }
    return report.stop != nil
  }

  /// Whether a result has become too large, which ends the walk.
  mutating func isTooLarge(_ resultBytes: Int) -> Bool {
    if resultBytes <= limits.resultBytes { return false }
    report.stop = .resultBytes(resultBytes, limit: limits.resultBytes)
    return true
  }
}
