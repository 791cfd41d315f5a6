import Testing

@testable import OTLPReceiver

@Suite struct ContentCodingTests {
  private let all = Set(ContentCoding.allCases)

  @Test(arguments: [
    ([], ContentCoding.identity), ([""], .identity), (["identity"], .identity), (["identity, identity"], .identity),
    (["gzip"], .gzip), (["GZip"], .gzip), (["x-gzip"], .gzip), (["gzip, identity"], .gzip),
    (["identity", "gzip"], .gzip),
    ([" \tgzip\t "], .gzip), ([",gzip,"], .gzip), (["deflate"], .deflate), (["Zlib"], .deflate), (["ZSTD"], .zstd),
  ])
  func namesAreMatchedInAnyCase(fields: [String], coding: ContentCoding) throws {
    #expect(try ContentCoding(fields: fields, accepted: all) == coding)
  }

  @Test(arguments: ["br", "gzi", "gzipp", "snappy", "gzip;q=1", "*", "gzip br"])
  func unknownOnesAreRefused(name: String) {
    #expect(throws: Refusal.unsupportedCoding(accepted: all)) { try ContentCoding(fields: [name], accepted: all) }
  }

  @Test(arguments: [["gzip, gzip"], ["gzip", "zstd"], ["deflate, identity, zstd"]])
  func oneOnTopOfAnotherIsRefused(fields: [String]) {
    #expect(throws: Refusal.severalCodings(accepted: all)) { try ContentCoding(fields: fields, accepted: all) }
  }

  @Test func onlyAcceptedOnesAreTaken() throws {
    let some: Set<ContentCoding> = [.zstd, .gzip]
    #expect(try ContentCoding(fields: ["gzip"], accepted: some) == .gzip)
    #expect(throws: Refusal.unsupportedCoding(accepted: some)) { try ContentCoding(fields: ["zlib"], accepted: some) }
    #expect(throws: Refusal.unsupportedCoding(accepted: some)) { try ContentCoding(fields: [], accepted: some) }
    #expect(ContentCoding.list(some) == "gzip, zstd")
  }
}
