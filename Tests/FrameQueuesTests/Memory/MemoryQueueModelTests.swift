import FrameQueues
import Synchronization
import Testing

/// The memory queue against a list of frames that does the same in the plainest way, and under many threads.
@Suite struct MemoryQueueModelTests {
  @Test func behavesLikeAListOfFrames() {
    var random = SplitMix(seed: 7)
    for run in 0..<100_000 {
      if let difference = Self.firstDifference(with: &random) {
        Issue.record("run \(run): \(difference)")
        return
      }
    }
  }

  /// Runs a short random sequence of operations on a queue and on the model; nil if they agree all along.
  private static func firstDifference(with random: inout SplitMix) -> String? {
    let capacity = 1 + random.below(40)
    let segment = 1 + random.below(12)
    let queue = MemoryQueue(capacityBytes: capacity, segmentBytes: segment)
    var model = Model(capacity: capacity)
    for _ in 0..<(1 + random.below(16)) {
      let difference =
        switch random.below(5) {
        case 4: trim(queue)
        case 0, 1: append(to: queue, and: &model, with: &random)
        case 2: lease(from: queue, and: &model, with: &random)
        default: acknowledge(at: queue, and: &model, with: &random)
        }
      if let difference { return difference }
      if queue.queued != model.queued { return "queued \(queue.queued), expected \(model.queued)" }
      if queue.waiting != model.waitingTotals { return "waiting \(queue.waiting), expected \(model.waitingTotals)" }
      if queue.reservedBytes != 0 { return "reserved \(queue.reservedBytes) bytes, expected none" }
    }
    return nil
  }

  private static func append(to queue: MemoryQueue, and model: inout Model, with random: inout SplitMix) -> String? {
    let frames = (0..<random.below(4)).map { _ in
      Frame(bytes: (0..<random.below(9)).map { _ in UInt8(random.below(256)) }, records: 1 + random.below(3))
    }
    let bytes = frames.flatMap(\.bytes)
    let slack = random.below(3)
    let fits = bytes.count + slack <= model.capacity - model.queued.bytes
    do {
      try queue.reserve(bytes.count + slack)
      if !fits { return "took \(bytes.count) bytes beyond the capacity" }
    } catch {
      return fits ? "refused \(bytes.count) bytes that fit: \(error)" : nil
    }
    var end = 0
    let marks = frames.map { frame in
      end += frame.bytes.count
      return FrameMark(endOffset: end, records: frame.records)
    }
    _ = bytes.withUnsafeBytes { queue.append($0, frames: marks) }
    queue.unreserve(slack)
    model.waiting += frames
    return nil
  }

  private static func lease(from queue: MemoryQueue, and model: inout Model, with random: inout SplitMix) -> String? {
    let maxBytes = random.below(20)
    guard let lease = queue.lease(maxBytes: maxBytes) else {
      return model.waiting.isEmpty ? nil : "leased nothing with \(model.waiting.count) frames waiting"
    }
    let taken = model.take(records: lease.records)
    guard let taken, taken.flatMap(\.bytes) == lease.withUnsafeBytes({ Array($0) }) else {
      return "leased other bytes than the oldest \(lease.records) records"
    }
    let withBytes = taken.filter { !$0.bytes.isEmpty }
    if withBytes.count > 1, lease.byteCount > maxBytes {
      return "leased \(lease.byteCount) bytes in \(withBytes.count) frames with a limit of \(maxBytes)"
    }
    model.leases.append((lease, taken.flatMap(\.bytes)))
    return nil
  }

  private static func acknowledge(
    at queue: MemoryQueue, and model: inout Model, with random: inout SplitMix
  ) -> String? {
    guard !model.leases.isEmpty else { return nil }
    let (lease, bytes) = model.leases.remove(at: random.below(model.leases.count))
    if lease.withUnsafeBytes({ Array($0) }) != bytes { return "wrote over \(bytes.count) leased bytes" }
    queue.acknowledge(lease)
    return nil
  }

  private static func trim(_ queue: MemoryQueue) -> String? {
    queue.trim()
    return nil
  }

  @Test func losesNothingBetweenManyAppendersAndLeasers() async {
    let queue = MemoryQueue(capacityBytes: 4096, segmentBytes: 512)
    let appenders = 4
    let appends = 3000
    let sums = await withTaskGroup(of: Sum.self) { group in
      for appender in 0..<appenders {
        group.addTask { await Self.append(appends, to: queue, seed: UInt64(appender)) }
      }
      let leased = Shared()
      for _ in 0..<3 {
        group.addTask { await Self.lease(from: queue, until: appenders * appends, counting: leased) }
      }
      var total = Sum()
      for await sum in group { total += sum }
      return total
    }
    #expect(sums.appended == sums.leased)
    #expect(sums.appended.records == appenders * appends)
    #expect(sums.appendedChecksum == sums.leasedChecksum)
    #expect(queue.queued == .zero && queue.waiting == .zero && queue.reservedBytes == 0)
  }

  private static func append(_ count: Int, to queue: MemoryQueue, seed: UInt64) async -> Sum {
    var random = SplitMix(seed: seed)
    var sum = Sum()
    for _ in 0..<count {
      let bytes = (0..<(1 + random.below(100))).map { _ in UInt8(random.below(256)) }
      while (try? queue.reserve(bytes.count)) == nil { await Task.yield() }
      queue.append(bytes)
      sum.appended += FrameTotals(bytes: bytes.count, records: 1)
      sum.appendedChecksum &+= bytes.reduce(0) { $0 &+ UInt64($1) }
    }
    return sum
  }

  private static func lease(from queue: MemoryQueue, until records: Int, counting leased: Shared) async -> Sum {
    var sum = Sum()
    while leased.records.load(ordering: .relaxed) < records {
      guard let lease = queue.lease(maxBytes: 300) else {
        await Task.yield()
        continue
      }
      leased.records.add(lease.records, ordering: .relaxed)
      sum.leased += lease.totals
      sum.leasedChecksum &+= lease.withUnsafeBytes { $0.reduce(0) { $0 &+ UInt64($1) } }
      await Task.yield()
      queue.acknowledge(lease)
    }
    return sum
  }
}

private struct Frame {
  var bytes: [UInt8]
  var records: Int
}

private struct Model {
  let capacity: Int
  var waiting: [Frame] = []
  var leases: [(lease: FrameLease, bytes: [UInt8])] = []

  var waitingTotals: FrameTotals {
    waiting.reduce(into: .zero) { $0 += FrameTotals(bytes: $1.bytes.count, records: $1.records) }
  }
  var queued: FrameTotals { leases.reduce(into: waitingTotals) { $0 += $1.lease.totals } }

  /// Takes the oldest frames that hold exactly `records` records; nil if a frame would be cut.
  mutating func take(records: Int) -> [Frame]? {
    var taken: [Frame] = []
    var left = records
    while left > 0, let frame = waiting.first {
      left -= frame.records
      taken.append(frame)
      waiting.removeFirst()
    }
    return left == 0 ? taken : nil
  }
}

private struct Sum: Sendable {
  var appended = FrameTotals.zero
  var leased = FrameTotals.zero
  var appendedChecksum: UInt64 = 0
  var leasedChecksum: UInt64 = 0

  static func += (sum: inout Sum, more: Sum) {
    sum.appended += more.appended
    sum.leased += more.leased
    sum.appendedChecksum &+= more.appendedChecksum
    sum.leasedChecksum &+= more.leasedChecksum
  }
}

private final class Shared: Sendable {
  let records = Atomic(0)
}

/// A small random generator with a seed, so that a failure can be repeated.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
