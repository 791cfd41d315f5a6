import CVector
import Testing

/// What other processors run is held against what this one runs; so do `LiteralScanTests`, `SHA256Tests` and
/// `CRC32CTests` with theirs.
@Suite struct Bytes16Tests {
  @Test func theMaskOfTopBitsIsTheSameForEveryProcessor() {
    var random = SplitMix64(seed: 16)
    for _ in 0..<20_000 {
      let bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
      let expected = bytes.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element >> 7) << UInt32($1.offset) }
      let vector = bytes16_load(bytes)
      #expect(bytes16_mask_portable(vector) == expected)
      #expect(bytes16_mask(vector) == expected)
    }
  }

  @Test(arguments: 0..<16) func aSingleTopBitIsFound(_ place: Int) {
    var bytes = [UInt8](repeating: 0x7f, count: 16)
    bytes[place] = 0x80
    #expect(bytes16_mask_portable(bytes16_load(bytes)) == 1 << UInt32(place))
  }
}
