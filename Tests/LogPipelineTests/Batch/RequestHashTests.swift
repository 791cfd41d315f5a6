import Testing

@testable import LogPipeline

@Suite("The hash of a request")
struct RequestHashTests {
  private func hash(_ bytes: [UInt8]) -> RequestHash { bytes.withUnsafeBytes { RequestHash(of: $0) } }

  /// Worked out by a second implementation, written in Python from the definition.
  @Test(arguments: [
    (0, RequestHash(high: 0xB990_E795_6B28_E5DB, low: 0x53A2_2ECB_8877_3E1E)),
    (1, RequestHash(high: 0x85D1_7E3F_1F93_EF4B, low: 0xD970_A144_8108_CAE0)),
    (8, RequestHash(high: 0x3FFF_8DBA_2AA8_CF65, low: 0x406B_4B62_B136_1043)),
    (31, RequestHash(high: 0xE775_6223_49F6_9233, low: 0x172E_A19E_E2DB_5560)),
    (32, RequestHash(high: 0x7513_772E_677F_4D1F, low: 0x0341_D321_E882_EBC8)),
    (33, RequestHash(high: 0x54CD_2289_7E33_6304, low: 0x2875_8BF8_367B_D500)),
    (64, RequestHash(high: 0xDB4C_E26A_E153_A7B3, low: 0x9A31_5B59_F031_0CC5)),
    (100, RequestHash(high: 0xEA38_B1B0_86D7_CDC2, low: 0xE80B_5F79_7667_F8D3)),
    (1000, RequestHash(high: 0x717C_7297_1679_AF03, low: 0xF9D8_B4E5_F135_8B0C)),
  ])
  func hashesAreAsDefinedAtEveryLength(_ count: Int, _ expected: RequestHash) {
    #expect(hash((0..<count).map { UInt8($0 * 7 % 256) }) == expected)
  }

  @Test func theHashDoesNotDependOnWhereTheBytesLie() {
    let bytes = (0..<75).map { UInt8($0) }
    for shift in 1...8 {
      let moved = [UInt8](repeating: 0xEE, count: shift) + bytes
      #expect(moved.withUnsafeBytes { RequestHash(of: UnsafeRawBufferPointer(rebasing: $0[shift...])) } == hash(bytes))
    }
  }

  @Test func zerosOfDifferentCountsDiffer() {
    var seen: Set<UInt64> = []
    for count in 0...256 { seen.insert(hash([UInt8](repeating: 0, count: count)).high) }
    #expect(seen.count == 257)
  }

  /// With 1024 trials a fair bit stays within five standard deviations, 0.078, of one half.
  @Test(arguments: [8, 16, 32, 45, 64])
  func everyInputBitFlipsEveryOutputBitHalfOfTheTime(_ count: Int) {
    var random = SplitMix(seed: UInt64(count))
    let trials = 1024
    for bit in stride(from: 0, to: count * 8, by: 13) {
      var flips = [Int](repeating: 0, count: 128)
      for _ in 0..<trials {
        var bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let before = hash(bytes)
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        let after = hash(bytes)
        let high = before.high ^ after.high
        let low = before.low ^ after.low
        for place in 0..<64 {
          flips[place] += Int(high >> UInt64(place) & 1)
          flips[64 + place] += Int(low >> UInt64(place) & 1)
        }
      }
      for place in 0..<128 {
        let share = Double(flips[place]) / Double(trials)
        #expect(abs(share - 0.5) < 0.09, "input bit \(bit), output bit \(place): \(share)")
      }
    }
  }

  /// Inputs that differ in few bits: of 64 bits taken fairly two would meet once in nine million such tests.
  @Test func twoMillionSmallInputsHaveTwoMillionHashes() {
    let count = 2_000_000
    var halves = [UInt64](repeating: 0, count: count)
    halves.withUnsafeMutableBufferPointer { halves in
      withUnsafeTemporaryAllocation(byteCount: 40, alignment: 8) { input in
        input.initializeMemory(as: UInt8.self, repeating: 0)
        for index in 0..<count {
          input.storeBytes(of: UInt64(truncatingIfNeeded: index % 3163) &<< 32, toByteOffset: 8, as: UInt64.self)
          input.storeBytes(of: UInt64(truncatingIfNeeded: index / 3163), toByteOffset: 32, as: UInt64.self)
          halves[index] = RequestHash(of: UnsafeRawBufferPointer(input)).low
        }
      }
    }
    halves.sort()
    var repeated = 0
    for index in 1..<count where halves[index] == halves[index - 1] { repeated += 1 }
    #expect(repeated == 0)
  }
}

/// A small generator of repeatable numbers.
private struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
