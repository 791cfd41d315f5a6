import Testing

@testable import LogStore

@Suite struct BlockHeaderTests {
  private var header: BlockHeader {
    var entry = BlockEntry()
    (entry.bytes, entry.records, entry.severities, entry.firstOrdinal) = (512, 3, 6, 1 << 40)
    (entry.earliest, entry.latest, entry.receivedUnixNano) = (5, .max, 7)
    (entry.wordFilterBytes, entry.idFilterBytes, entry.offset) = (64, 64, 640)
    var header = BlockHeader(
      entry, columns: ColumnName.allCases.map { ColumnEntry(storedBytes: 20 + $0.rawValue, bytes: 99, checksum: 8) })
    (header.wordFilterChecksum, header.idFilterChecksum) = (1, 2)
    return header
  }

  private func read(_ header: BlockHeader, salt: UInt32 = 3) -> BlockHeader? {
    header.bytes(salt: 3).withUnsafeBytes { BlockHeader($0, offset: 640, salt: salt) }
  }

  @Test func aHeaderComesBack() {
    #expect(header.bytes(salt: 3).count == StoreFormat.blockHeaderBytes)
    #expect(read(header) == header)
    #expect(read(header, salt: 4) == nil)
    #expect(header.wordFilterRange == 192..<256 && header.idFilterRange == 256..<320)
    #expect(header.range(of: .times) == 320..<340 && header.range(of: .others).upperBound == 481)
  }

  @Test func everyFlippedBitIsFound() {
    let bytes = header.bytes(salt: 3)
    for bit in 0..<bytes.count * 8 {
      var broken = bytes
      broken[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(broken.withUnsafeBytes { BlockHeader($0, offset: 640, salt: 3) } == nil)
    }
  }

  /// Headers whose checksums are right and whose numbers are not.
  @Test func numbersThatDoNotFitAreRefused() {
    let changes: [(inout BlockHeader) -> Void] = [
      { $0.entry.records = 0 }, { $0.entry.records = StoreFormat.maxRecords + 1 }, { $0.entry.bytes = 576 },
      { $0.entry.bytes = 500 }, { $0.entry.bytes = 0 }, { $0.entry.wordFilterBytes = StoreFormat.maxFilterBytes + 64 },
      { $0.entry.firstOrdinal = .max }, { $0.columns[3].bytes = StoreFormat.maxColumnBytes + 1 },
      { $0.columns[3].storedBytes = 100 }, { $0.columns[3].storedBytes = Int(UInt32.max) },
    ]
    for change in changes {
      var changed = header
      change(&changed)
      #expect(read(changed) == nil)
    }
    var atLimit = header
    atLimit.entry.records = StoreFormat.maxRecords
    atLimit.columns[3].bytes = StoreFormat.maxColumnBytes
    #expect(read(atLimit) == atLimit)
  }
}
