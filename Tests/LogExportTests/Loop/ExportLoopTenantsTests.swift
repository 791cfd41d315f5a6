import FrameQueues
import LogPipeline
import Synchronization
import Testing

@testable import LogExport

/// A sender for tests that answers by tenant and keeps what each got.
private final class TenantSender: Sender {
  private let taken = Mutex<[Int: [Int]]>([:])
  private let attempts = Mutex<[Int: Int]>([:])
  private let bodies = Mutex<[Int: Set<[Int]>]>([:])
  private let answer: @Sendable (_ tenant: Int, _ call: Int) -> SendResult

  init(_ answer: @escaping @Sendable (_ tenant: Int, _ call: Int) -> SendResult) { self.answer = answer }

  /// The lines that each tenant got.
  var got: [Int: [Int]] { taken.withLock { $0 } }
  /// The bodies that were sent for a tenant, taken or not.
  func bodies(of tenant: Int) -> Set<[Int]> { bodies.withLock { $0[tenant] ?? [] } }
  func attempts(of tenant: Int) -> Int { attempts.withLock { $0[tenant] ?? 0 } }

  func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    let tenant = TenantLineDialect.tenant(of: route)
    let call = attempts.withLock { attempts in
      attempts[tenant, default: 0] += 1
      return attempts[tenant] ?? 0
    }
    let lines = numbers(body.bytes)
    bodies.withLock { _ = $0[tenant, default: []].insert(lines) }
    let result = answer(tenant, call)
    if case .answered(let answer, _) = result, answer.status == .http(200) {
      taken.withLock { $0[tenant, default: []] += lines }
    }
    return result
  }

  func close() async {}
}

/// Tenants' records from one queue.
@Suite struct ExportLoopTenantsTests {
  private struct Parts {
    let queue = MemoryQueue(segmentBytes: 4096)
    let sender: TenantSender
    let rejections = KeptRejections()
    let loop: ExportLoop

    init(
      marks: SectionMarks = .written, time: ExportTime = .system, left: [Int] = [],
      _ answer: @escaping @Sendable (_ tenant: Int, _ call: Int) -> SendResult
    ) throws {
      sender = TenantSender(answer)
      var options = ExportLoopOptions()
      options.flushTimeout = .zero
      options.retry.initialInterval = .milliseconds(1)
      options.retry.maxInterval = .milliseconds(5)
      if !left.isEmpty { try queue.append(marked: left, linesInFrame: 1) }
      let destination = Destination(id: "lines", dialect: TenantLineDialect(sectionMarks: marks), queue: queue)
      loop = ExportLoop(
        destination: destination, sender: sender, options: options, rejections: rejections,
        logger: KeptLog().logger, time: time)
    }

    func run(_ body: () async throws -> Void) async throws {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await self.loop.run() }
        try await body()
        group.cancelAll()
      }
    }
  }

  private let lines = (0..<60).map { $0 % 4 * 1000 + $0 }
  private func expected(_ lines: [Int]) -> [Int: [Int]] { Dictionary(grouping: lines) { $0 / 1000 } }
  private func sorted(_ got: [Int: [Int]]) -> [Int: [Int]] { got.mapValues { $0.sorted() } }

  @Test(arguments: [1, 7, 60]) func eachTenantGetsItsRecordsOnly(_ linesInFrame: Int) async throws {
    let parts = try Parts { _, _ in .status(200) }
    try await parts.run {
      try parts.queue.append(marked: lines, linesInFrame: linesInFrame)
      #expect(await eventually { parts.queue.queued.isEmpty })
    }
    #expect(sorted(parts.sender.got) == expected(lines))
    #expect(parts.loop.counters.delivered.records == lines.count)
  }

  /// Whatever a tenant is refused with, all others get theirs, and it gets its own once it is not.
  @Test(arguments: [429, 500, 404, 204]) func aTenantThatIsRefusedHoldsUpNoOther(_ status: Int) async throws {
    let isOpen = Atomic(false)
    let parts = try Parts { tenant, _ in
      tenant == 1 && !isOpen.load(ordering: .relaxed) ? .status(status) : .status(200)
    }
    try await parts.run {
      for start in stride(from: 0, to: 60, by: 12) {
        try parts.queue.append(marked: Array(lines[start..<start + 12]), linesInFrame: 5)
        #expect(await eventually { parts.sender.got.values.reduce(0) { $0 + $1.count } >= (start + 12) * 3 / 4 })
      }
      #expect(await eventually { parts.sender.attempts(of: 1) > 40 })
      #expect(parts.sender.got[1] == nil)
      isOpen.store(true, ordering: .relaxed)
      #expect(await eventually { parts.queue.queued.isEmpty })
    }
    #expect(sorted(parts.sender.got) == expected(lines) && parts.rejections.kept.isEmpty)
  }

  /// However much of it waits, a tenant that is refused is tried with a few bodies, and all goes once one is taken.
  @Test func aTenantThatIsRefusedCostsFewRequests() async throws {
    let isOpen = Atomic(false)
    let parts = try Parts { tenant, _ in
      tenant == 1 && !isOpen.load(ordering: .relaxed) ? .status(429) : .status(200)
    }
    let others = (0..<80).map { 2000 + $0 }
    try await parts.run {
      for number in others {
        try parts.queue.append(marked: [number, number - 1000])
        #expect(await eventually { parts.sender.got[2]?.contains(number) == true })
      }
      #expect(await eventually { parts.sender.attempts(of: 1) > 100 })
      #expect(parts.sender.bodies(of: 1).count <= 8 && parts.sender.got[2] == others)
      #expect(parts.loop.counters.asideLeases == 80 && parts.loop.counters.openLeases == 0)
      isOpen.store(true, ordering: .relaxed)
      #expect(await eventually { parts.queue.queued.isEmpty })
    }
    #expect(sorted(parts.sender.got)[1] == others.map { $0 - 1000 } && parts.loop.counters.asideLeases == 0)
  }

  /// A record at fault is told by those of its own tenant.
  @Test func whatIsRejectedKeepsItsTenant() async throws {
    let parts = try Parts { tenant, _ in .status(tenant == 2 ? 400 : 200) }
    try await parts.run {
      try parts.queue.append(marked: lines)
      #expect(await eventually { parts.queue.queued.isEmpty })
    }
    #expect(parts.rejections.numbers.sorted() == expected(lines)[2])
    #expect(parts.rejections.kept.allSatisfy { TenantLineDialect.tenant(of: $0.route) == 2 && $0.format == .jsonline })
    #expect(parts.sender.got[2] == nil && parts.loop.counters.rejected.records == 15)
  }

  /// Marks that another configuration left are heeded though none are written.
  @Test func whatIsLeftInTheQueueGoesWhereItWasMeant() async throws {
    let parts = try Parts(marks: .left, left: lines) { _, _ in .status(200) }
    try await parts.run {
      parts.queue.append(lines: 100..<120)
      #expect(await eventually { parts.queue.queued.isEmpty })
    }
    #expect(sorted(parts.sender.got) == expected(lines).merging([0: Array(100..<120)]) { ($0 + $1).sorted() })
  }

  @Test func bytesThatCannotBeReadAreKeptAndNotSent() async throws {
    let parts = try Parts { _, _ in .status(200) }
    try await parts.run {
      let bytes: [UInt8] = [0, 9, 1, 2, 3]
      _ = bytes.withUnsafeBytes { parts.queue.append($0, frames: [FrameMark(endOffset: 5, records: 2)]) }
      try parts.queue.append(marked: [1001])
      #expect(await eventually { parts.queue.queued.isEmpty })
    }
    // Whether the second frame is in the lease of the first is chance.
    #expect(parts.sender.got == [:] || parts.sender.got == [1: [1001]])
    let unread = try #require(parts.rejections.kept.first)
    #expect(unread.format == .text && unread.reason.hasPrefix("unreadable: ") && unread.body.bytes.prefix(2) == [0, 9])
  }

  @Test func talliesOfTenantsAreTheirOwn() {
    var tallies = TenantTallies()
    #expect(tallies[[1]] == .init())
    tallies[[1]].passed = 3
    #expect(tallies[[1]].passed == 3 && (0..<50).filter { tallies[[2, $0]].passed > 0 }.count < 50)
  }
}
