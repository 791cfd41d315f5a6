import Testing

@testable import LogStore

@Suite struct BlockTests {
  private static let salt: UInt32 = 77

  private func made(_ records: [SampleRecord], level: Int32 = 1) throws -> (entry: BlockEntry, bytes: [UInt8]) {
    var builder = BlockBuilder(zstd: Zstd(), level: level)
    try builder.add(HeadRequest(bytes: Sample.request(records), records: records.count, receivedUnixNano: 9))
    var bytes: [UInt8] = []
    let entry = builder.finish(BlockPlace(firstOrdinal: 5, salt: Self.salt), to: &bytes)
    return (entry, bytes)
  }

  private func opened(_ entry: BlockEntry, _ bytes: [UInt8]) throws -> Block {
    try Block(entry, of: BlockMemory(bytes), salt: Self.salt, zstd: Zstd())
  }

  @Test(arguments: [Int32(0), 1, 19]) func columnsAreReadAsTheyWereWritten(_ level: Int32) throws {
    var maker = SampleMaker(seed: 4)
    let records = maker.records(300)
    let (entry, bytes) = try made(records, level: level)
    #expect(entry.bytes == bytes.count && entry.records == 300 && entry.firstOrdinal == 5)
    let block = try opened(entry, bytes)
    #expect(try block.check())
    #expect(try block.times().times == records.map(\.time))
    #expect(try block.severities().numbers == records.map(\.severity))
    let texts = try block.severities().texts
    #expect((0..<300).map { texts.text($0) } == records.map(\.severityText))
    let (streams, streamOf) = try block.streams()
    #expect(streamOf.map { streams[Int($0)].resource } == records.map(\.stream.resource))
    #expect(Set(streams.map(\.id)).count == streams.count)
    let ids = try block.ids()
    #expect(Array(ids[..<16]) == (records[0].trace.isEmpty ? [UInt8](repeating: 0, count: 16) : records[0].trace))
    let times = try block.effectiveTimes()
    #expect(entry.earliest == times.min() && entry.latest == times.max())
  }

  @Test func columnsThatNobodyNeedsTakeNothing() throws {
    let (entry, bytes) = try made([SampleRecord("a"), SampleRecord("b")])
    let block = try opened(entry, bytes)
    #expect(try block.ids().isEmpty)
    #expect(try block.others().bytes.isEmpty)
    #expect(try block.attributes().bytes.isEmpty)
    #expect(entry.bytes <= 512)
  }

  @Test func aFlippedBitIsFound() throws {
    var maker = SampleMaker(seed: 5)
    let (entry, bytes) = try made(maker.records(40))
    let whole = StoreFormat.blockHeaderBytes + entry.wordFilterBytes + entry.idFilterBytes
    var last = 0
    let header = try #require(bytes.withUnsafeBytes { BlockHeader($0, offset: 0, salt: Self.salt) })
    for name in ColumnName.allCases { last = header.range(of: name).upperBound }
    #expect(last > whole && last <= bytes.count)
    for offset in 0..<last {
      var broken = bytes
      broken[offset] ^= 1 << UInt8(offset % 8)
      let isWhole = (try? opened(entry, broken).check()) ?? false
      #expect(!isWhole, "byte \(offset)")
    }
  }

  /// Columns whose checksums are right and whose numbers are not: nothing outside of them is read.
  @Test func columnsOfAnyBytesAreReadOrAreDamage() throws {
    var maker = SampleMaker(seed: 6)
    let records = maker.records(60)
    let (entry, bytes) = try made(records, level: 0)
    var numbers = SeededNumbers(7)
    var header = try #require(bytes.withUnsafeBytes { BlockHeader($0, offset: 0, salt: Self.salt) })
    var (read, damaged) = (0, 0)
    for _ in 0..<1500 {
      var broken = bytes
      let name = ColumnName.allCases[Int(numbers.next() % 7)]
      let range = header.range(of: name)
      if range.isEmpty { continue }
      for _ in 0..<1 + numbers.next() % 4 {
        let place =
          range.lowerBound + Int(numbers.next() % UInt64(min(range.count, numbers.next() % 2 == 0 ? 200 : .max)))
        broken[place] = numbers.next() % 3 == 0 ? 0xFF : UInt8(truncatingIfNeeded: numbers.next())
      }
      header.columns[name.rawValue].checksum = broken.withUnsafeBytes { Checksum.of($0, range) }
      broken.replaceSubrange(0..<StoreFormat.blockHeaderBytes, with: header.bytes(salt: Self.salt))
      do {
        try look(at: try opened(entry, broken))
        read += 1
      } catch {
        damaged += 1
      }
      header.columns[name.rawValue].checksum = bytes.withUnsafeBytes { Checksum.of($0, range) }
    }
    #expect(read > 100 && damaged > 100)
  }

  /// Asks a block everything that can be asked.
  private func look(at block: Block) throws {
    let all = Rows(all: block.records)
    for query in [
      "支付", "order 42", "k8s.pod:x", "user.name:*", "_msg:~\"err.\"", "severity>=info", "n:>3", "event_name:user",
      "scope.name:lib", "trace_id:01*", "_time:[5m, now]", "service:shop",
    ] {
      _ = try QueryParser.parse(query, nowUnixNano: SampleMaker.base).rows(in: block, among: all)
    }
    _ = try block.stored((0..<block.records).map { $0 })
    let fields = try FieldWalk(block)
    for row in 0..<block.records { try fields.forEach(row) { _, _ in } }
  }

  @Test(arguments: [0, 50, 191]) func aBlockThatIsCutOffIsDamage(_ count: Int) throws {
    let (entry, bytes) = try made([SampleRecord("a")])
    #expect(throws: Damage.self) { try opened(entry, Array(bytes[..<count])) }
  }

  @Test func anotherSaltIsAnotherFile() throws {
    let (entry, bytes) = try made([SampleRecord("a")])
    #expect(throws: Damage.self) { try Block(entry, of: BlockMemory(bytes), salt: Self.salt + 1, zstd: Zstd()) }
  }
}
