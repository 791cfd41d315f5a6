import Testing

@testable import LogPipeline

@Suite struct ValueTests {
  @Test func aValueTakesSixteenBytes() {
    #expect(MemoryLayout<Value>.stride == 16)
    #expect(MemoryLayout<Attribute>.stride == 24)
  }

  @Test(
    arguments: [(0, 0), (1, 0), (0, UInt32.max), (UInt32.max, 0), (UInt32.max, UInt32.max), (7, 9)]
      as [(UInt32, UInt32)])
  func placesAreKeptToTheLastBit(first: UInt32, second: UInt32) {
    let slice = ByteSlice(offset: first, count: second)
    #expect(Value.string(slice).slice == slice && Value.string(slice).kind == .string)
    #expect(Value.bytes(slice).slice == slice && Value.bytes(slice).kind == .bytes)
    let entries = EntryRange(start: first, count: second)
    #expect(Value.array(entries).entries == entries && Value.array(entries).kind == .array)
    #expect(Value.map(entries).entries == entries && Value.map(entries).kind == .map)
    // Their ends are no trap, where 32 bits do not hold them.
    #expect(slice.range == Int(first)..<Int(first) + Int(second))
    #expect(entries.indices == Int(first)..<Int(first) + Int(second))
  }

  @Test func scalarsAreKeptToTheLastBit() {
    for number in [0, 1, -1, .min, .max] as [Int64] { #expect(Value.int(number).intValue == number) }
    let quietNaN = Double(bitPattern: 0x7FF8_0000_0000_1234)
    for number in [0, -0.0, .infinity, .leastNonzeroMagnitude, quietNaN] {
      #expect(Value.double(number).doubleValue.bitPattern == number.bitPattern)
    }
    #expect(Value.bool(true).boolValue && !Value.bool(false).boolValue)
  }

  @Test func kindsOfTheSameBitsAreDifferentValues() {
    let zeros: [Value] = [
      .empty, .string(.empty), .bytes(.empty), .bool(false), .int(0), .double(0), .array(.empty), .map(.empty),
    ]
    for (index, value) in zeros.enumerated() {
      #expect(zeros.indices.filter { zeros[$0] == value } == [index])
    }
    #expect(Value.double(0) != .double(-0.0))
  }

  @Test func rangesAndPlacesMeanTheSame() {
    #expect(ByteSlice(5..<9) == ByteSlice(offset: 5, count: 4))
    #expect(ByteSlice(from: 5, to: 9) == ByteSlice(5..<9) && ByteSlice(from: 5, count: 4) == ByteSlice(5..<9))
    #expect(EntryRange(5..<9).indices == 5..<9)
    #expect(ByteSlice(9..<9).isEmpty && EntryRange(9..<9).isEmpty && !ByteSlice(8..<9).isEmpty)
  }
}
