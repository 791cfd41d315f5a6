import Testing

@testable import LogPipeline

@Suite struct Murmur3Tests {
  @Test(
    arguments: [
      ("", 0), ("hello", 0x248B_FA47), ("hello, world", 0x149B_BB7F), ("19 Jan 2038 at 3:14:07 AM", 0xE31E_8A70),
      ("The quick brown fox jumps over the lazy dog.", 0xD5C4_8BFC),
    ] as [(String, UInt32)])
  func hashesOf32Bits(_ text: String, _ hash: UInt32) {
    #expect(text.withBytes { Murmur3.hash32(of: $0) } == hash)
  }

  @Test(
    arguments: [
      ("", 0, 0), ("hello", 0xCBD8_A7B3_41BD_9B02, 0x5B1E_906A_48AE_1D19),
      ("hello, world", 0x342F_AC62_3A5E_BC8E, 0x4CDC_BC07_9642_414D),
      ("19 Jan 2038 at 3:14:07 AM", 0xB89E_5988_B737_AFFC, 0x664F_C295_0231_B2CB),
      ("The quick brown fox jumps over the lazy dog.", 0xCD99_481F_9EE9_02C9, 0x695D_A1A3_8987_B6E7),
    ] as [(String, UInt64, UInt64)])
  func hashesOf128Bits(_ text: String, _ first: UInt64, _ second: UInt64) {
    let hash = text.withBytes { Murmur3.hash128(of: $0) }
    #expect(hash.first == first)
    #expect(hash.second == second)
  }

  @Test(
    arguments: [("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8)]
      as [(String, UInt64)])
  func hashesOfFNV(_ text: String, _ hash: UInt64) {
    #expect(text.withBytes { FNV1a.hash(of: $0) } == hash)
  }
}
