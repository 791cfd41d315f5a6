import CDisk
import Testing

@testable import FrameQueues

@Suite struct CRC32CTests {
  private static let known: [([UInt8], UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
    ([UInt8](0..<32), 0x46dd_794e), ([UInt8]((0..<32).reversed()), 0x113f_db5c), (Array("123456789".utf8), 0xe306_9283),
  ]

  /// RFC 3720 appendix B.4.
  @Test(arguments: known)
  func agreesWithTheStandard(bytes: [UInt8], checksum: UInt32) {
    #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == checksum)
  }

  @Test func theInstructionAndTheTablesAgreeAtEveryLengthAndAlignment() {
    var random = SplitMix(seed: 3)
    let bytes = (0..<200).map { _ in UInt8(random.below(256)) }
    bytes.withUnsafeBytes { bytes in
      for start in 0..<9 {
        for end in start...bytes.count {
          let part = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
          #expect(crc32c(7, part.baseAddress, part.count) == crc32c_portable(7, part.baseAddress, part.count))
        }
      }
    }
  }

  @Test func theInstructionAndTheTablesAgreeOnLongRuns() {
    var random = SplitMix(seed: 4)
    let bytes = (0..<20_000).map { _ in UInt8(random.below(256)) }
    bytes.withUnsafeBytes { bytes in
      for count in [3071, 3072, 3073, 3079, 3080, 6143, 6144, 6145, 9216, 12_345, 19_990] {
        for start in 0..<9 {
          let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
          #expect(crc32c(7, part.baseAddress, count) == crc32c_portable(7, part.baseAddress, count))
        }
      }
    }
  }

  @Test func continuesWhereItStopped() {
    let bytes = Array("123456789".utf8)
    let head = bytes.prefix(4).withUnsafeBytes { CRC32C.checksum($0) }
    #expect(bytes.dropFirst(4).withUnsafeBytes { CRC32C.checksum($0, continuing: head) } == 0xe306_9283)
  }
}
