import Synchronization

/// One look at the records that pass a stage: some of them are copied, the others are counted.
///
/// No clock is read here and nothing waits. Whoever shows the records allows so many more now and then; of records that
/// wait to be shown there are `maxWaitingBytes` at most. So a look that is not read costs its pipeline nothing.
package final class Tap: Sendable {
  package let stage: TapStage
  package let maxWaitingBytes: Int
  private let state = Mutex(State())

  private struct State {
    var waiting: [TappedRecord] = []
    var waitingBytes = 0
    var allowed = 0
    var counts = TapCounts()
    var end: String?
  }

  package init(_ stage: TapStage, maxWaitingBytes: Int) {
    self.stage = stage
    self.maxWaitingBytes = maxWaitingBytes
  }

  // MARK: For whoever shows records

  /// Lets so many records be taken from now on; what was allowed before and has not been used is forgotten.
  package func allow(_ records: Int) { state.withLock { $0.allowed = max(records, 0) } }

  /// Takes away what waits: so many bytes of it, but one record at least if there is any.
  package func next(upTo bytes: Int) -> [TappedRecord] {
    state.withLock { state in
      var (count, sum) = (0, 0)
      for record in state.waiting {
        if count > 0 && sum &+ record.byteCount > bytes { break }
        sum &+= record.byteCount
        count &+= 1
      }
      state.waitingBytes &-= sum
      if count == state.waiting.count {
        defer { state.waiting = [] }
        return state.waiting
      }
      defer { state.waiting.removeFirst(count) }
      return Array(state.waiting.prefix(count))
    }
  }

  /// What has passed and was not taken since this was asked before.
  package func takeCounts() -> TapCounts {
    state.withLock { state in
      defer { state.counts = TapCounts() }
      return state.counts
    }
  }

  /// Has the look end, for a reason that is told; the first one counts.
  package func end(because reason: String) { state.withLock { $0.end = $0.end ?? reason } }

  /// Why it is to end; nil if it is not.
  package var endReason: String? { state.withLock { $0.end } }

  // MARK: For pipelines

  /// Looks at the records of a batch.
  func look(at batch: borrowing LogBatch) {
    var taking = claim(batch.records.count)
    for place in taking.places {
      if let bytes = taking.request(of: batch.records[place], in: batch) { taking.records.append(.passing(bytes)) }
    }
    put(taking)
  }

  /// Takes records as a processor finds them, of which `finish` looks what has become.
  func begin(_ batch: borrowing LogBatch) -> Taking {
    var taking = claim(batch.records.count)
    for place in taking.places {
      let record = batch.records[place]
      if let bytes = taking.request(of: record, in: batch) { taking.found.append((record.index, bytes)) }
    }
    return taking
  }

  /// Looks at what a processor has left of records that it found. Their order is that of the request.
  func finish(_ taking: consuming Taking, in batch: borrowing LogBatch) {
    for (index, before) in taking.found {
      if let place = batch.place(ofIndex: index) {
        guard let after = taking.request(of: batch.records[place], in: batch) else { continue }
        taking.records.append(.around(before: before, after: after))
      } else {
        taking.records.append(.around(before: before, after: nil))
      }
    }
    put(taking)
  }

  /// What one look at a batch takes.
  struct Taking {
    /// Which records may be taken, spread over all of them.
    fileprivate let places: [Int]
    /// How many bytes may come to wait.
    fileprivate var room: Int
    /// Records as a processor found them, by their numbers.
    fileprivate var found: [(index: UInt32, bytes: [UInt8])] = []
    fileprivate var records: [TappedRecord] = []
    fileprivate var overRoom = 0
    /// The most bytes for which there was no room.
    fileprivate var lackingBytes = 0

    /// A copy of a record, if there is room for it.
    fileprivate mutating func request(of record: LogRecord, in batch: borrowing LogBatch) -> [UInt8]? {
      do throws(EncodeError) {
        let bytes = try batch.request(of: record, room: room &- TappedRecord.overheadBytes)
        room &-= bytes.count &+ TappedRecord.overheadBytes
        return bytes
      } catch {
        if case .tooLarge(let bytes, let limit) = error { lackingBytes = max(lackingBytes, bytes &- limit) }
        overRoom &+= 1
        return nil
      }
    }
  }

  private func claim(_ records: Int) -> Taking {
    let (claimed, room) = state.withLock { state in
      let claimed = min(records, state.allowed)
      state.allowed &-= claimed
      state.counts.passed &+= records
      state.counts.overRate &+= records &- claimed
      return (claimed, maxWaitingBytes &- state.waitingBytes)
    }
    return Taking(places: (0..<claimed).map { $0 &* records / claimed }, room: room)
  }

  /// Has what was taken wait as far as there is room. Other threads may have filled it meanwhile.
  private func put(_ taking: consuming Taking) {
    if taking.records.isEmpty && taking.overRoom == 0 { return }
    state.withLock { state in
      state.counts.overRoom &+= taking.overRoom
      if taking.lackingBytes > 0 {
        state.counts.wantedBytes = max(state.counts.wantedBytes, maxWaitingBytes &+ taking.lackingBytes)
      }
      for record in taking.records {
        let bytes = state.waitingBytes &+ record.byteCount
        if bytes > maxWaitingBytes {
          state.counts.overRoom &+= 1
          state.counts.wantedBytes = max(state.counts.wantedBytes, bytes)
        } else {
          state.waitingBytes = bytes
          state.waiting.append(record)
        }
      }
    }
  }
}

/// Records that passed while somebody looked, and those that were not taken.
package struct TapCounts: Sendable, Equatable {
  package var passed = 0
  /// More had passed than were allowed.
  package var overRate = 0
  /// There was no room for them to wait in.
  package var overRoom = 0
  /// What the bytes that wait would have come to with those for which there was no room.
  package var wantedBytes = 0
}

extension LogBatch {
  /// Where a record of the request is by its number, if it is still there.
  fileprivate borrowing func place(ofIndex index: UInt32) -> Int? {
    var (low, high) = (0, records.count)
    while low < high {
      let middle = (low &+ high) / 2
      if records[middle].index < index { low = middle &+ 1 } else { high = middle }
    }
    return low < records.count && records[low].index == index ? low : nil
  }
}
