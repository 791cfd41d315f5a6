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

  /// Looks at what a processor has left of records that it found.
  func finish(_ taking: consuming Taking, in batch: borrowing LogBatch) {
    if taking.found.isEmpty { return put(taking) }
    let places = RecordPlaces(in: batch)
    for (index, before) in taking.found {
      if let place = places.place(of: index, in: batch) {
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

/// Where the records of a request are in a batch, by their numbers. Few processors change their order.
private struct RecordPlaces {
  /// In the order of the numbers; nil if the batch is.
  private var order: [Int]?

  init(in batch: borrowing LogBatch) {
    let numbers = batch.records.map(\.index)
    if zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }) { return }
    order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
  }

  /// Nil if the record is not there any more.
  func place(of number: UInt32, in batch: borrowing LogBatch) -> Int? {
    var (low, high) = (0, batch.records.count)
    while low < high {
      let middle = (low &+ high) / 2
      if batch.records[place(middle)].index < number { low = middle &+ 1 } else { high = middle }
    }
    guard low < batch.records.count else { return nil }
    return batch.records[place(low)].index == number ? place(low) : nil
  }

  private func place(_ rank: Int) -> Int { order.map { $0[rank] } ?? rank }
}
