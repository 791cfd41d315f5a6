import LogExport
import NIOCore
import Testing

@Suite struct CompressionTests {
  private static let samples: [[UInt8]] = [
    [], [0], Array("{\"a\":1}\n".utf8), [UInt8](repeating: 7, count: 1_000_000),
    (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) },
  ]

  private func compressed(_ bytes: [UInt8], _ compressor: Compressor, prefixBytes: Int = 0) -> [UInt8]? {
    bytes.withUnsafeBytes { compressor.compress($0, prefixBytes: prefixBytes) }.map { Array($0.readableBytesView) }
  }

  @Test(arguments: [1, 6, 12, -5, 99]) func gzipComesBackTheSame(level: Int) throws {
    let compressor = Compressor(.gzip(level: level))
    for sample in Self.samples { #expect(gunzip(try #require(compressed(sample, compressor))) == sample) }
  }

  @Test(arguments: [1, 3, -5, 99]) func zstdComesBackTheSame(level: Int) throws {
    let compressor = Compressor(.zstd(level: level))
    for sample in Self.samples { #expect(unzstd(try #require(compressed(sample, compressor))) == sample) }
  }

  @Test func noneCopies() throws {
    for sample in Self.samples { #expect(compressed(sample, Compressor(.none)) == sample) }
  }

  @Test(arguments: [Compression.none, .gzip(level: 1), .zstd(level: 1)])
  func leavesRoomForAPrefix(compression: Compression) throws {
    let compressor = Compressor(compression)
    let plain = try #require(compressed([1, 2, 3], compressor))
    #expect(compressed([1, 2, 3], compressor, prefixBytes: 5) == [0, 0, 0, 0, 0] + plain)
  }

  @Test func manyAtOnceDoNotMixTheirContexts() async {
    let compressor = Compressor(.gzip(level: 1))
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          let sample = [UInt8](repeating: UInt8(task), count: 10_000 + task)
          return (0..<5).allSatisfy { _ in self.compressed(sample, compressor).flatMap(gunzip) == sample }
        }
      }
      for await isSame in group { #expect(isSame) }
    }
  }
}
