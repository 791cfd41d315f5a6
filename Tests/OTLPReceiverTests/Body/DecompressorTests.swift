import HTTPTransport
import LogPipeline
import Testing

@testable import OTLPReceiver

@Suite struct DecompressorTests {
  private static let codings: [ContentCoding] = [.gzip, .deflate, .zstd]
  private let decompressor = Decompressor()
  private let budget = ByteBudget(capacityBytes: 64 << 20)

  private func decompress(
    _ body: [UInt8], _ coding: ContentCoding, limitBytes: Int = 8 << 20, members: Int = 100,
    budget: ByteBudget? = nil
  ) throws -> [UInt8] {
    var reservation = ByteReservation(from: budget ?? self.budget)
    defer { reservation.end() }
    let limit = DecompressionLimit(bytes: limitBytes, what: "body", option: "limit", members: members)
    return try body.withUnsafeBytes { bytes in
      try decompressor.decompress(bytes, coding, limit: limit, reserving: &reservation)
    }
  }

  private func excess(_ limitBytes: Int) -> Refusal {
    .tooLarge(.init("body", bytes: limitBytes + 1, limitBytes: limitBytes, option: "limit"))
  }

  /// Bytes that compress to about a half.
  private func noise(_ count: Int) -> [UInt8] {
    var random = SeededRandom(state: 1)
    return (0..<count).map { _ in UInt8(random.next() & 15) }
  }

  @Test(arguments: codings, [0, 1, 1000, 65_535, 65_536, 65_537, 300_000])
  func bodiesOfAnySizeComeBack(coding: ContentCoding, count: Int) throws {
    let plain = noise(count)
    #expect(try decompress(Compress.coded(plain, coding), coding) == plain)
    #expect(budget.usedBytes == 0)
  }

  @Test func deflateMayLackItsZlibHeader() throws {
    let plain = noise(100_000)
    #expect(try decompress(Compress.raw(plain), .deflate) == plain)
    #expect(try decompress(Compress.raw([]), .deflate) == [])
  }

  @Test(arguments: codings)
  func noBytesAreAnEmptyBody(coding: ContentCoding) throws {
    #expect(try decompress([], coding) == [])
  }

  @Test(arguments: codings, [100, 70_000, 1_000_000])
  func theLimitIsExact(coding: ContentCoding, count: Int) throws {
    let plain = noise(count)
    let body = Compress.coded(plain, coding)
    #expect(try decompress(body, coding, limitBytes: count) == plain)
    #expect(throws: excess(count - 1)) { try decompress(body, coding, limitBytes: count - 1) }
    #expect(budget.usedBytes == 0)
  }

  @Test(arguments: codings)
  func aLimitOfNothingTakesNothing(coding: ContentCoding) throws {
    #expect(throws: excess(0)) { try decompress(Compress.coded([1], coding), coding, limitBytes: 0) }
  }

  @Test(arguments: [ContentCoding.gzip, .zstd])
  func membersFollowOneAnother(coding: ContentCoding) throws {
    let parts = [noise(10), [], noise(200_000), noise(3), noise(500_000), []]
    let body = parts.flatMap { Compress.coded($0, coding) }
    let plain = parts.flatMap { $0 }
    #expect(try decompress(body, coding) == plain)
    #expect(try decompress(body, coding, limitBytes: plain.count) == plain)
    #expect(throws: excess(plain.count - 1)) { try decompress(body, coding, limitBytes: plain.count - 1) }
    #expect(try decompress(body, coding, members: parts.count) == plain)
    #expect(throws: Refusal.tooManyMembers(coding, limit: parts.count - 1)) {
      try decompress(body, coding, members: parts.count - 1)
    }
  }

  @Test func zstdFramesToSkipAreSkipped() throws {
    let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9]
    let body = skippable + Compress.zstd([1, 2]) + skippable + Compress.zstd([3])
    #expect(try decompress(body, .zstd) == [1, 2, 3])
  }

  @Test(arguments: codings)
  func bytesAfterTheEndAreRefused(coding: ContentCoding) {
    let body = Compress.coded([1, 2, 3], coding)
    #expect(throws: Refusal.self) { try decompress(body + [0], coding) }
    #expect(throws: Refusal.self) { try decompress(body + Array("trailing".utf8), coding) }
  }

  @Test(arguments: codings)
  func aBodyCutAnywhereIsCorrupt(coding: ContentCoding) {
    let body = Compress.coded(noise(2000), coding)
    for count in 1..<body.count {
      #expect { try decompress(Array(body[..<count]), coding) } throws: { error in
        guard case .corrupt(coding, _)? = error as? Refusal else { return false }
        return true
      }
    }
    #expect(budget.usedBytes == 0)
  }

  @Test(arguments: [ContentCoding.gzip, .zstd])
  func aSecondMemberCutAnywhereIsCorrupt(coding: ContentCoding) {
    let first = Compress.coded(noise(50), coding)
    let body = first + Compress.coded(noise(50), coding)
    for count in first.count + 1..<body.count {
      #expect(throws: Refusal.self) { try decompress(Array(body[..<count]), coding) }
    }
  }

  @Test(arguments: codings)
  func aWrongChecksumIsCorrupt(coding: ContentCoding) throws {
    var body = Compress.coded(noise(1000), coding)
    if coding == .zstd { return }  // zstd's checksum is optional and absent here.
    body[body.count - 5] ^= 1
    if coding == .deflate { body[body.count - 1] ^= 1 }
    #expect(throws: Refusal.corrupt(coding, "damaged or cut short")) { try decompress(body, coding) }
  }

  @Test func mutatedBodiesNeitherCrashNorLeakTheBudget() {
    var random = SeededRandom(state: 7)
    let bodies = Self.codings.map { ($0, Compress.coded(noise(3000), $0)) }
    for round in 0..<10_000 {
      let (coding, original) = bodies[round % bodies.count]
      var body = original
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        body[Int.random(in: body.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      if round % 5 == 0 { body.removeLast(Int.random(in: 0..<body.count, using: &random)) }
      let plain = try? decompress(body, coding, limitBytes: 100_000)
      #expect((plain?.count ?? 0) <= 100_000)
    }
    #expect(budget.usedBytes == 0)
  }

  // MARK: bombs

  @Test func aGibibyteInMembersOfGzipCostsNoMoreThanTheLimitAndAHalf() {
    let member = Compress.gzip([UInt8](repeating: 0, count: 1 << 20))
    let bomb = Array(repeatElement(member, count: 1024).joined())
    let limitBytes = 4 << 20
    // While bytes move to larger memory both are held; a budget of less would make this `overBudget`.
    let budget = ByteBudget(capacityBytes: limitBytes + limitBytes / 2)
    #expect(throws: excess(limitBytes)) {
      try decompress(bomb, .gzip, limitBytes: limitBytes, members: 2000, budget: budget)
    }
    #expect(budget.usedBytes == 0)
  }

  @Test func aGibibyteInOneFrameOfZstdCostsNoMoreThanTheLimit() {
    let bomb = Compress.zstdZeros(bytes: 1 << 30)
    #expect(bomb.count < 1 << 20)
    let budget = ByteBudget(capacityBytes: 4 << 20)
    #expect(throws: excess(4 << 20)) { try decompress(bomb, .zstd, limitBytes: 4 << 20, budget: budget) }
    #expect(budget.usedBytes == 0)
  }

  @Test(arguments: codings)
  func oneMemberThatExpandsPastTheLimitCostsNoMoreThanTheLimit(coding: ContentCoding) {
    let bomb = Compress.coded([UInt8](repeating: 0, count: 32 << 20), coding)
    let budget = ByteBudget(capacityBytes: 4 << 20)
    #expect(throws: excess(4 << 20)) { try decompress(bomb, coding, limitBytes: 4 << 20, budget: budget) }
    #expect(budget.usedBytes == 0)
  }

  @Test(arguments: codings)
  func memoryThatOthersHoldIsARefusalThatARetryHelps(coding: ContentCoding) throws {
    let body = Compress.coded([UInt8](repeating: 0, count: 1 << 20), coding)
    let budget = ByteBudget(capacityBytes: 2 << 20)
    #expect(budget.reserve(1_500_000))
    #expect { try decompress(body, coding, budget: budget) } throws: { error in
      guard case .overBudget(_, 2_097_152)? = error as? Refusal else { return false }
      return true
    }
    #expect(budget.usedBytes == 1_500_000)
    budget.release(1_500_000)
    #expect(try decompress(body, coding, budget: budget).count == 1 << 20)
  }

  /// The size that a gzip body says it has counts for nothing when memory is taken.
  @Test func aLieAboutTheSizeTakesNoMemory() {
    var body = Compress.gzip([1, 2, 3])
    body.replaceSubrange(body.count - 4..<body.count, with: [0xFF, 0xFF, 0xFF, 0x03])
    let budget = ByteBudget(capacityBytes: 64 << 10)
    #expect(throws: Refusal.corrupt(.gzip, "damaged or cut short")) { try decompress(body, .gzip, budget: budget) }
  }
}
