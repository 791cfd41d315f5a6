import Testing

@testable import LogStore

@Suite struct WireFieldsTests {
  private func read(_ bytes: [UInt8]) -> (fields: [WireFields.Field], isMalformed: Bool) {
    bytes.withUnsafeBytes { bytes in
      var reader = WireFields(bytes)
      var fields: [WireFields.Field] = []
      while let field = reader.next() { fields.append(field) }
      return (fields, reader.isMalformed)
    }
  }

  @Test func fieldsOfEveryKindAreRead() {
    let bytes: [UInt8] = [
      0x08, 0x96, 0x01, 0x11, 1, 0, 0, 0, 0, 0, 0, 0x80, 0x1A, 2, 7, 8, 0x25, 1, 0, 0, 0,
    ]
    let (fields, isMalformed) = read(bytes)
    #expect(!isMalformed)
    #expect(fields.map(\.number) == [1, 2, 3, 4])
    #expect(fields.map(\.kind) == [.varint, .fixed64, .bytes, .fixed32])
    #expect(fields.map(\.value) == [150, 0x8000_0000_0000_0001, 0, 1])
    #expect(fields[2].content == 14..<16)
    #expect(fields.map(\.start) == [0, 3, 12, 16])
  }

  private static let malformed: [[UInt8]] = [
    [0x08], [0x08, 0x80], [0x11, 1, 2, 3], [0x1A, 3, 1, 2], [0x25, 1], [0x00, 1], [0x0B], [0x0C], [0x0F, 1],
    [0x1A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1], [UInt8](repeating: 0x80, count: 12),
  ]

  @Test(arguments: malformed)
  func whatIsNoMessageIsMalformed(_ bytes: [UInt8]) { #expect(read(bytes).isMalformed) }

  @Test func numbersComeBack() {
    for value: UInt64 in [0, 1, 127, 128, 300, 1 << 35, .max - 1, .max] {
      var bytes: [UInt8] = []
      Varint.append(value, to: &bytes)
      var index = 0
      #expect(bytes.withUnsafeBytes { Varint.read($0, &index, before: $0.count) } == value)
      #expect(index == bytes.count)
      index = 0
      #expect(bytes.withUnsafeBytes { Varint.read($0, &index, before: $0.count - 1) } == nil)
      #expect(Varint.unzigzag(Varint.zigzag(value)) == value)
    }
    #expect(Varint.zigzag(0 &- 1) == 1 && Varint.zigzag(1) == 2)
  }
}
