import FrameQueues
import LogPipeline
import Testing

@testable import LogExport

/// Leases with marks, taken apart by tenant and settled.
@Suite struct LeaseSectionsTests {
  private func lease(_ bytes: [UInt8], records: Int) throws -> FrameLease {
    let queue = MemoryQueue()
    _ = bytes.withUnsafeBytes { queue.append($0, frames: [FrameMark(endOffset: bytes.count, records: records)]) }
    return try #require(queue.lease(maxBytes: .max))
  }

  private func bodies(_ bytes: [UInt8], records: Int) throws -> [LeaseSections.Body] {
    var sections = LeaseSections(try lease(bytes, records: records), as: .jsonline)
    var all: [LeaseSections.Body] = []
    while true {
      let next = sections.next()
      if next.isEmpty { break }
      #expect(next.count <= LeaseSections.maxBodies + 1)
      all += next
    }
    #expect(sections.left == .zero)
    #expect(all.reduce(into: .zero) { $0 += $1.body.totals } == FrameTotals(bytes: bytes.count, records: records))
    return all
  }

  private func shown(_ body: LeaseSections.Body) -> String {
    "\(String(decoding: body.fields, as: UTF8.self))=\(numbers(body.body.bytes))\(body.isReadable ? "" : "!")"
  }

  @Test func eachTenantHasOneBody() throws {
    let (bytes, _) = try markedFrames([1001, 1002, 2001, 1, 1003, 2002, 2])
    #expect(try bodies(bytes, records: 7).map(shown) == ["T: 1=[1001, 1002, 1003]", "T: 2=[2001, 2002]", "=[1, 2]"])
  }

  @Test func whatHasNoMarkGoesAsItAlwaysDid() throws {
    #expect(try bodies(lines([1, 2, 3]), records: 3).map(shown) == ["=[1, 2, 3]"])
    // What the lease says of records counts if there is no mark at all.
    #expect(try bodies(lines([1, 2, 3]), records: 9).map(\.body.records) == [9])
    let (marked, _) = try markedFrames([1001, 3])
    let mixed = lines([1, 2]) + marked + lines([4])
    #expect(try bodies(mixed, records: 5).map(shown) == ["=[1, 2, 3, 4]", "T: 1=[1001]"])
  }

  @Test func furtherTenantsComeLater() throws {
    let tenants = Array(1...LeaseSections.maxBodies * 2 + 1)
    var frames = FrameWriter()
    for round in 0..<2 {
      for tenant in tenants {
        try frames.begin(TenantLineDialect.fields(tenant))
        frames.bytes.append(lines([round]))
        try frames.endRecord()
      }
    }
    try frames.finish()
    let found = try bodies(frames.bytes.array, records: tenants.count * 2)
    let all = found.reduce(into: [String: [Int]]()) { all, body in
      all[String(decoding: body.fields, as: UTF8.self), default: []] += numbers(body.body.bytes)
    }
    #expect(all == Dictionary(uniqueKeysWithValues: tenants.map { ("T: \($0)", [0, 1]) }))
  }

  /// A byte that is wrong or missing never brings records to another tenant: what cannot be told is sent to nobody.
  @Test func whatCannotBeReadIsSentToNobody() throws {
    let (bytes, _) = try markedFrames([1001, 2001, 2002, 1])
    let whole = Set([1001, 2001, 2002, 1])
    for end in 1..<bytes.count {
      for body in try bodies(Array(bytes[..<end]), records: 4) where body.isReadable {
        #expect(numbers(body.body.bytes).allSatisfy { whole.contains($0) })
        #expect(numbers(body.body.bytes).allSatisfy { TenantLineDialect.fields($0 / 1000) == body.fields })
      }
    }
    var other = bytes
    other[1] = 7
    #expect(try bodies(other, records: 4).map(\.isReadable) == [false])
    for records in [1, 3, 5] {
      let found = try bodies(bytes, records: records)
      #expect(found.last?.isReadable == false && found.filter { !$0.isReadable }.count == 1)
    }
  }

  @Test func aMarkOfALaterVersionIsNamedWithBothNumbers() throws {
    var (bytes, _) = try markedFrames([1001])
    bytes[1] = 3
    var work = LeaseWork(LeaseSections(try lease(bytes, records: 1), as: .jsonline))
    let part = work.begin(at: .zero)
    #expect(part?.isReadable == false)
    #expect(
      work.discard().rejected.map(\.reason) == [
        "unreadable: a later version has written a mark of form 3, the last that this version reads is 2"
      ])
    #expect(work.begin(at: .zero) == nil)
  }

  @Test func onlyMarksAreTakenForMarks() throws {
    let (marked, _) = try markedFrames([1001])
    #expect(!LeaseSections.hasMarks(try lease(lines([1, 2]), records: 2), as: .jsonline))
    #expect(LeaseSections.hasMarks(try lease(marked, records: 1), as: .jsonline))
    #expect(LeaseSections.hasMarks(try lease(lines([1]) + marked, records: 2), as: .jsonline))
    #expect(LeaseSections.hasMarks(try lease([0, 9], records: 1), as: .jsonline))
  }

  // MARK: Settling

  /// Random tenants, answers, cuts and refusals: every record ends exactly once, under its tenant's fields.
  @Test func everyRecordIsSettledExactlyOnce() throws {
    var random = SystemRandomNumberGenerator()
    let dialect = TenantLineDialect()
    for _ in 0..<1500 {
      let count = Int.random(in: 1...30, using: &random)
      let wanted = (0..<count).map { $0 + 1000 * Int.random(in: 0...4, using: &random) }
      let (bytes, _) = try markedFrames(wanted, linesInFrame: Int.random(in: 1...30, using: &random))
      let lease = try lease(bytes, records: wanted.count)
      var work = LeaseWork(LeaseSections(lease, as: .jsonline))
      var settled: [Int] = []
      var (totals, steps) = (FrameTotals.zero, 0)
      while let part = work.begin(at: .zero) {
        let sent = numbers(part.body.bytes)
        #expect(part.isReadable && sent.allSatisfy { TenantLineDialect.fields($0 / 1000) == part.fields })
        #expect(Set(sent).isDisjoint(with: settled))
        steps += 1
        let result = Self.answer(to: sent, steps > 300 ? 200 : nil, &random)
        let judgement = Judgement(of: Attempt(body: part.body, result: result), speaking: dialect)
        let circumstances = LeaseWork.Circumstances(
          now: .seconds(steps), random: 0.5, tally: .init(), retry: RetryOptions())
        let outcome = work.take(judgement, circumstances, speaking: dialect)
        #expect(outcome.fields == part.fields)
        let rejected = outcome.rejected.flatMap { numbers($0.body.bytes) }
        let open = Set(Self.pending(work))
        let delivered = sent.filter { !rejected.contains($0) && !open.contains($0) }
        #expect(delivered.count == outcome.delivered.records)
        settled += rejected + delivered
        totals += outcome.delivered
        totals += outcome.rejectedTotals
        #expect(totals.records + work.openTotals.records == wanted.count)
        #expect(totals.bytes + work.openTotals.bytes == bytes.count)
      }
      #expect(settled.sorted() == wanted.sorted() && totals == lease.totals)
    }
  }

  private static func answer(
    to sent: [Int], _ status: Int?, _ random: inout some RandomNumberGenerator
  ) -> SendResult {
    let status = status ?? [200, 207, 207, 413, 429, 429, 500, 400].randomElement(using: &random) ?? 200
    if status == 500, Bool.random(using: &random) { return .failed(reason: "gone", retryable: true) }
    return .status(status, String(sent.map { _ in "ddurx".randomElement(using: &random) ?? "d" }))
  }

  private static func pending(_ work: LeaseWork) -> [Int] {
    var work = work
    var all: [Int] = []
    while let part = work.begin(at: .zero) {
      all += numbers(part.body.bytes)
      _ = work.giveUp(because: "")
    }
    return all
  }

  // MARK: Turns

  private func take(_ work: inout LeaseWork, _ result: SendResult, at now: Duration = .zero) -> LeaseWork.Outcome {
    guard let part = work.begin(at: now) else { return LeaseWork.Outcome() }
    let dialect = TenantLineDialect()
    let judgement = Judgement(of: Attempt(body: part.body, result: result), speaking: dialect)
    let circumstances = LeaseWork.Circumstances(now: now, random: 1, tally: .init(), retry: RetryOptions())
    return work.take(judgement, circumstances, speaking: dialect)
  }

  private func work(_ tenants: Int) throws -> LeaseWork {
    let (bytes, _) = try markedFrames((1...tenants).map { $0 * 1000 })
    return LeaseWork(LeaseSections(try lease(bytes, records: tenants), as: .jsonline))
  }

  private func next(_ work: LeaseWork) -> Int? {
    var work = work
    return work.begin(at: .zero).map { numbers($0.body.bytes)[0] / 1000 }
  }

  /// A tenant that is refused lets all others go first, and is not sent again before its time.
  @Test func oneThatIsRefusedHoldsUpNoOther() throws {
    var work = try work(3)
    #expect(take(&work, .status(429, retryAfter: .seconds(30))).isOthersTurn && next(work) == 2)
    #expect(take(&work, .status(200)).pause == nil && next(work) == 3)
    #expect(take(&work, .status(200)).pause == nil && next(work) == 1)
    var rest = work
    let waiting = rest.begin(at: .seconds(1))
    #expect(waiting?.notBefore == .seconds(30))
    #expect(!take(&work, .status(429), at: .seconds(30)).isOthersTurn && next(work) == 1)
  }

  /// In an outage there is a wait after a few, and each wait is longer.
  @Test func anOutageIsNotTriedTenantByTenant() throws {
    var work = try work(9)
    var tried: [Int] = []
    var delays: [Duration] = []
    for _ in 0..<12 {
      tried.append(try #require(next(work)))
      let outcome = take(&work, .status(429))
      if !outcome.isOthersTurn { delays.append(outcome.delay) }
    }
    #expect(tried == [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3] && delays == [.seconds(1), .seconds(1.5), .seconds(2.25)])
    #expect(!take(&work, .failed(reason: "gone", retryable: true)).isOthersTurn)
  }

  @Test func whatIsGivenUpIsOneTenants() throws {
    var options = RetryOptions()
    options.isEnabled = false
    var work = try work(2)
    let begun = work.begin(at: .zero)
    let part = try #require(begun)
    let judgement = Judgement(of: Attempt(body: part.body, result: .status(429)), speaking: TenantLineDialect())
    let outcome = work.take(
      judgement, .init(now: .zero, random: 0, tally: .init(), retry: options), speaking: TenantLineDialect())
    #expect(outcome.rejected.map { numbers($0.body.bytes) } == [[1000]] && outcome.fields == Array("T: 1".utf8))
    #expect(next(work) == 2)
  }

  /// Many names of a record each, before and after what others have sent in earnest, hold up little of that.
  @Test func whatStandsForMostRecordsGoesFirst() throws {
    let (bytes, _) = try markedFrames([5001, 4001, 3001, 2001, 2002, 1, 1001, 1002, 1003, 6001])
    #expect(
      try bodies(bytes, records: 10).map(shown) == [
        "T: 1=[1001, 1002, 1003]", "T: 2=[2001, 2002]", "T: 5=[5001]", "T: 4=[4001]", "T: 3=[3001]", "=[1]",
        "T: 6=[6001]",
      ])
  }
}
