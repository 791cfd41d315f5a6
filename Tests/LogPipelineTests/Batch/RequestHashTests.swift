import Testing

@testable import LogPipeline

@Suite("The hash of a request")
struct RequestHashTests {
  private func hash(_ bytes: [UInt8]) -> RequestHash { bytes.withUnsafeBytes { RequestHash(of: $0) } }

  /// The vectors of the reference code, `vectors_sip128`, whose key is the bytes 0 to 15.
  @Test(arguments: [
    (0, RequestHash(high: 0xA381_7F04_BA25_A8E6, low: 0x6DF6_7214_C755_0293)),
    (1, RequestHash(high: 0xDA87_C1D8_6B99_AF44, low: 0x3476_5911_9B22_FC45)),
    (2, RequestHash(high: 0x8177_228D_A4A4_5DC7, low: 0xFCA3_8BDE_F60A_FFE4)),
  ])
  func hashesAreThoseOfTheReference(_ count: Int, _ expected: RequestHash) {
    let key = (first: UInt64(0x0706_0504_0302_0100), second: UInt64(0x0F0E_0D0C_0B0A_0908))
    let bytes = (0..<count).map { UInt8($0) }
    #expect(bytes.withUnsafeBytes { RequestHash(of: $0, key: key) } == expected)
  }

  @Test func theKeyIsTheFormatsName() {
    let words = [RequestHash.key.first.littleEndian, RequestHash.key.second.littleEndian]
    #expect(words.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == "sluice-doc-id-v2")
  }

  /// The format's own vectors, worked out by a second implementation, written in Python from docs/DELIVERY.md.
  @Test(arguments: [
    (0, RequestHash(high: 0xBDD3_EBDD_693B_2572, low: 0x0BBB_7899_1283_C507)),
    (1, RequestHash(high: 0x633B_7B5B_122C_88D7, low: 0x4393_6BD1_2909_283C)),
    (7, RequestHash(high: 0x5015_C7EA_276A_9963, low: 0x451A_5C10_AFD9_C597)),
    (8, RequestHash(high: 0xBC5A_E846_D76B_EE22, low: 0x51C2_9838_16EC_AB3C)),
    (9, RequestHash(high: 0x3579_7E11_66E0_5314, low: 0x41F9_9D65_17A5_5AAE)),
    (64, RequestHash(high: 0x141B_2DE8_24FF_4DC9, low: 0xD7D2_2EDE_90F1_753F)),
    (100, RequestHash(high: 0x3B47_CE13_3E58_C76F, low: 0x76AD_87D5_603E_1668)),
    (1000, RequestHash(high: 0x6115_7E5C_7A1E_734D, low: 0xCCDB_8218_5722_78BB)),
  ])
  func hashesAreAsDefinedAtEveryLength(_ count: Int, _ expected: RequestHash) {
    #expect(hash((0..<count).map { UInt8($0 * 7 % 256) }) == expected)
  }

  @Test func headerFieldsAreHashedBehindTheBody() {
    let body = hash(Array("body".utf8))
    let names = ["x-scope", "x-tenant"].map { Array($0.utf8) }
    var request = RequestContext(clientAddress: "192.0.2.1", monotonicNano: 1)
    #expect(body.adding(names, of: request) == body)
    request.addField("X-Tenant", "a")
    request.addField("Other", "b")
    #expect(body.adding(names, of: request) == RequestHash(high: 0x2D37_5A6B_EE3D_4D9D, low: 0xD893_16EC_E25F_44A8))
    var second = RequestContext()
    second.addField("x-tenant", "b")
    #expect(body.adding(names, of: second) != body.adding(names, of: request))
    var swapped = RequestContext()
    swapped.addField("x-scope", "a")
    #expect(swapped.joinedValues(of: names[0]) == Array("a".utf8))
    #expect(body.adding(names, of: swapped) != body.adding(names, of: request))
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
  @Test func manySmallInputsHaveAsManyHashes() {
    let count = 500_000
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
