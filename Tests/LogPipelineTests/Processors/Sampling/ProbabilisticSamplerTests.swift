import LogPipeline
import Testing

@Suite struct ProbabilisticSamplerTests {
  private func options(
    _ percentage: Float, _ mode: ProbabilisticSamplerOptions.Mode = .hashSeed,
    _ change: (inout ProbabilisticSamplerOptions) -> Void = { _ in }
  ) -> ProbabilisticSamplerOptions {
    var options = ProbabilisticSamplerOptions()
    options.percentage = percentage
    options.mode = mode
    change(&options)
    return options
  }

  private func sampled(_ options: ProbabilisticSamplerOptions, _ records: [Message]) throws -> LogBatch {
    var scopeLogs = Message()
    for record in records { scopeLogs = scopeLogs + Message.message(2, record) }
    var batch = try LogBatch.decoded(request: Message.message(1, Message.message(2, scopeLogs)))
    let sampler = ProbabilisticSampler(id: "sampler", options: options)
    sampler.process(&batch)
    return batch
  }

  /// Records whose trace ids are made from a counter by SplitMix64.
  private func traced(_ count: Int) -> [Message] {
    var state: UInt64 = 7
    func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
      return z ^ z >> 31
    }
    return (0..<count).map { _ in traced(high: next(), low: next()) }
  }

  private func traced(high: UInt64 = 1, low: UInt64, _ pairs: (String, Message)...) -> Message {
    var id: [UInt8] = []
    for half in [high, low] { withUnsafeBytes(of: half.bigEndian) { id += $0 } }
    return Message.bytes(9, id) + attributes(6, pairs)
  }

  @Test(arguments: ProbabilisticSamplerOptions.Mode.allCases, [Float(1), 15.3, 50, 99])
  func keepsAboutTheShare(_ mode: ProbabilisticSamplerOptions.Mode, _ percentage: Float) throws {
    let kept = try sampled(options(percentage, mode), traced(20_000)).records.count
    let expected = Double(percentage) / 100 * 20_000
    #expect(abs(Double(kept) - expected) < 4.5 * expected.squareRoot() + 20)
  }

  @Test(arguments: ProbabilisticSamplerOptions.Mode.allCases)
  func keepsNoneOrAll(_ mode: ProbabilisticSamplerOptions.Mode) throws {
    #expect(try sampled(options(0, mode), traced(500)).records.isEmpty)
    #expect(try sampled(options(100, mode), traced(500)).records.count == 500)
    #expect(try sampled(options(250, mode), traced(500)).records.count == 500)
  }

  @Test(arguments: ProbabilisticSamplerOptions.Mode.allCases)
  func aLargerShareKeepsWhatASmallerKeeps(_ mode: ProbabilisticSamplerOptions.Mode) throws {
    let ids = { (batch: borrowing LogBatch) in Set(batch.records.map(\.traceID.low)) }
    let records = traced(2000)
    let small = ids(try sampled(options(10, mode), records))
    let large = ids(try sampled(options(40, mode), records))
    #expect(small.isSubset(of: large))
    #expect(small.count < large.count)
  }

  @Test func replicasAgreeAndOtherSeedsDiffer() throws {
    let records = traced(500)
    let kept = { (seed: UInt32) in
      try sampled(options(50) { $0.hashSeed = seed }, records).records.map(\.traceID.low)
    }
    #expect(try kept(22) == kept(22))
    #expect(try kept(22) != kept(23))
  }

  @Test func notesRandomnessAndThresholdOfAHash() throws {
    let batch = try sampled(
      options(50) { $0.fromAttribute = "id" }, (0..<64).map { record(("id", .text("\($0)"))) })
    #expect(!batch.records.isEmpty && batch.records.count < 64)
    for pairs in batch.recordAttributes {
      #expect(pairs.map(\.key) == ["id", "sampling.randomness", "sampling.threshold"])
      guard case .string(let id) = pairs[0].value, case .string(let noted) = pairs[1].value else {
        Issue.record("not text")
        continue
      }
      #expect(noted == Self.randomness(of: [0, 0, 0, 0] + Array(id.utf8)))
      #expect(noted >= "80000000000000")
      #expect(pairs[2].value == "8")
    }
  }

  /// What the Collector's sampler notes for these bytes, seed first.
  private static func randomness(of bytes: [UInt8]) -> String {
    let hash = bytes.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let low = UInt64(hash % 16384)
    let unused = UInt64(hash / 262_144)
    let number = (16383 - low) * (1 << 42) + (unused ^ (unused * 1024)) * 16384 + low
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 14 - digits.count) + digits
  }

  @Test(arguments: [
    (Float(100), "0"), (50, "8"), (25, "c"), (75, "4"), (10, "e668"), (99, "029"), (1, "fd74"),
  ])
  func notesTheThresholdOfAHash(_ percentage: Float, _ threshold: String) throws {
    let noted = try sampled(options(percentage), traced(2000)).recordAttributes.map { $0.last?.value }
    #expect(!noted.isEmpty)
    #expect(noted.allSatisfy { $0 == .string(threshold) })
  }

  @Test func takesTheTraceIDsOwnRandomness() throws {
    let half = options(50, .proportional)
    #expect(
      try sampled(half, [traced(low: 0xff80_0000_0000_0000)]).recordAttributes == [[.init("sampling.threshold", "8")]])
    #expect(try sampled(half, [traced(low: 0xff7f_ffff_ffff_ffff)]).records.isEmpty)
    #expect(
      try sampled(options(25, .proportional), [traced(low: 0xc0_0000_0000_0000)]).recordAttributes == [
        [.init("sampling.threshold", "c")]
      ])
  }

  @Test func takesRandomnessThatTheRecordBrings() throws {
    let bringing = { (randomness: String) in self.traced(low: 0, ("sampling.randomness", .text(randomness))) }
    #expect(try sampled(options(50, .proportional), [bringing("e05a99c8df8d32")]).records.count == 1)
    #expect(try sampled(options(50, .proportional), [bringing("705a99c8df8d32")]).records.isEmpty)
  }

  @Test func multipliesOrEqualizesAnEarlierShare() throws {
    let before = traced(low: 0xe0_0000_0000_0000, ("sampling.threshold", .text("8")))
    #expect(try sampled(options(25, .proportional), [before]).recordAttributes == [[.init("sampling.threshold", "e")]])
    #expect(try sampled(options(12.5, .proportional), [before]).records.isEmpty)
    #expect(try sampled(options(25, .equalizing), [before]).recordAttributes == [[.init("sampling.threshold", "c")]])
    #expect(try sampled(options(75, .equalizing), [before]).recordAttributes == [[.init("sampling.threshold", "8")]])
  }

  @Test(arguments: [
    [("sampling.threshold", Message.text("xyz"))], [("sampling.threshold", .text("123456789abcdef"))],
    [("sampling.randomness", .text("123"))], [("sampling.randomness", .text("zzzzzzzzzzzzzz"))],
    [("sampling.threshold", .text("c"))],
  ])
  func failsClosedOrOpenOnWhatCannotBe(_ pairs: [(String, Message)]) throws {
    let odd = Message.bytes(9, [UInt8](repeating: 0, count: 15) + [1]) + attributes(6, pairs)
    #expect(try sampled(options(100, .proportional), [odd]).records.isEmpty)
    #expect(try sampled(options(100, .proportional) { $0.failClosed = false }, [odd]).records.count == 1)
  }

  @Test(arguments: ProbabilisticSamplerOptions.Mode.allCases)
  func failsClosedOrOpenWithoutRandomness(_ mode: ProbabilisticSamplerOptions.Mode) throws {
    let records = [record(body: "x"), record(("id", .text("")))]
    #expect(try sampled(options(50, mode) { $0.fromAttribute = "id" }, records).records.isEmpty)
    let open = options(50, mode) {
      $0.fromAttribute = "id"
      $0.failClosed = false
    }
    #expect(try sampled(open, records).records.count == 2)
  }

  @Test func takesTheAttributeFirstIfToldSo() throws {
    let records = (0..<100).map { traced(low: UInt64($0) &* 0x9e37_79b9_7f4a_7c15, ("id", .text("same"))) }
    let kept = try sampled(
      options(50) {
        $0.source = .record
        $0.fromAttribute = "id"
      }, records
    ).records.count
    #expect(kept == 0 || kept == 100)
  }

  @Test func aRecordsPriorityDecides() throws {
    let change = { (options: inout ProbabilisticSamplerOptions) in options.priorityAttribute = "p" }
    let low = { (value: Message) in self.traced(low: 0x80_0000_0000_0000, ("p", value)) }
    let none = options(0, .proportional, change)
    #expect(try sampled(none, [low(.number(100))]).records.count == 1)
    #expect(try sampled(none, [low(.double(250))]).records.count == 1)
    #expect(try sampled(none, [low(.number(50)), low(.number(49)), low(.number(0))]).records.count == 1)
    #expect(try sampled(none, [low(.text("100")), low(.double(.nan)), low(.number(-1))]).records.isEmpty)
    let all = options(100, .proportional, change)
    #expect(try sampled(all, [low(.number(0))]).records.isEmpty)
    #expect(try sampled(all, [low(.text("0")), traced(low: 0)]).records.count == 2)
  }

  @Test func precisionRoundsTheThreshold() throws {
    let third = traced(low: 0xff_ffff_ffff_ffff)
    let noted = { (digits: Int) in
      try sampled(options(33.3, .proportional) { $0.precisionDigits = digits }, [third]).recordAttributes[0][0].value
    }
    #expect(try noted(1) == "b")
    #expect(try noted(4) == "aac1")
    #expect(try noted(14) != noted(4))
  }

  @Test(arguments: [ProbabilisticSamplerOptions.Mode.proportional, .equalizing])
  func anAttributeHasNoSayInConsistentSampling(_ mode: ProbabilisticSamplerOptions.Mode) throws {
    let first = options(50, mode) {
      $0.source = .record
      $0.fromAttribute = "id"
    }
    let records = traced(1000).enumerated().map { $1 + attributes(6, [("id", .text("\($0)"))]) }
    let kept = try sampled(first, records)
    #expect(kept.records.allSatisfy { $0.traceID.low & 0xFF_FFFF_FFFF_FFFF >= 0x80_0000_0000_0000 })
    #expect((450...550).contains(kept.records.count))
    // The next stage finds marks that are true: of what is equalized all stay, else half do.
    let sampler = ProbabilisticSampler(id: "second", options: options(50, mode))
    var next = kept.copied()
    sampler.process(&next)
    let expected = mode == .equalizing ? kept.records.count : kept.records.count / 2
    #expect(abs(next.records.count - expected) < 60)
    // Without a trace id there is no randomness, whatever the attribute says.
    #expect(try sampled(first, [record(("id", .text("a")))]).records.isEmpty)
  }

  @Test func aMarkThatIsNotTrueIsReplacedIfRecordsPass() throws {
    let open = { (mode: ProbabilisticSamplerOptions.Mode) in self.options(50, mode) { $0.failClosed = false } }
    let untrue = traced(low: 1, ("a", .number(1)), ("sampling.threshold", .text("c")))
    for mode in [ProbabilisticSamplerOptions.Mode.proportional, .equalizing] {
      #expect(
        try sampled(open(mode), [untrue]).recordAttributes == [[.init("a", 1), .init("sampling.threshold", "0")]])
      #expect(try sampled(options(50, mode), [untrue]).records.isEmpty)
    }
    // What cannot be read stays as it is.
    let malformed = traced(low: 1, ("sampling.threshold", .text("xyz")))
    #expect(try sampled(open(.proportional), [malformed]).recordAttributes == [[.init("sampling.threshold", "xyz")]])
  }

  @Test func aHashLeavesTheMarksOfOthersAlone() throws {
    let open = options(50) { $0.failClosed = false }
    for marks in [
      [("sampling.randomness", Message.text("ffffffffffffff"))], [("sampling.threshold", .text("0"))],
      [("sampling.threshold", .text("c"))],
    ] {
      let record = Message.bytes(9, [UInt8](repeating: 7, count: 16)) + attributes(6, marks)
      let kept = try sampled(open, [record])
      #expect(kept.recordAttributes.map { $0.map(\.key) } == [marks.map(\.0)])
      #expect(try sampled(options(50), [record]).records.isEmpty)
    }
  }
}
