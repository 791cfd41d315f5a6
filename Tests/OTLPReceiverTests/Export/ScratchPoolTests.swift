import Testing

@testable import OTLPReceiver

@Suite struct ScratchPoolTests {
  private let pool = ScratchPool(maxEncodedBytes: 1 << 20)

  @Test func nestedBorrowersHaveDifferentScratches() throws {
    try pool.withScratch { first throws(Refusal) in
      try pool.withScratch { second throws(Refusal) in #expect(first !== second) }
    }
    #expect(pool.idleCount == 2)
  }

  @Test func aScratchIsUsedAgain() throws {
    let first = try pool.withScratch { ObjectIdentifier($0) }
    #expect(try pool.withScratch { ObjectIdentifier($0) } == first)
    #expect(pool.idleCount == 1)
  }

  @Test func whatNobodyAskedForSinceTheLastTrimIsGivenUp() throws {
    try pool.withScratch { _ throws(Refusal) in try pool.withScratch { _ throws(Refusal) in } }
    pool.trim()
    #expect(pool.idleCount == 2)
    try pool.withScratch { _ throws(Refusal) in }
    pool.trim()
    #expect(pool.idleCount == 1)
    pool.trim()
    #expect(pool.idleCount == 0)
  }
}
