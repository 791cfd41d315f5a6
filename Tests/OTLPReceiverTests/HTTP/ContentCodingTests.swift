import Testing

@testable import OTLPReceiver

@Suite struct ContentCodingTests {
  @Test(arguments: [
    ([], ContentCoding.identity), ([""], .identity), (["identity"], .identity), (["identity, identity"], .identity),
    (["gzip"], .gzip), (["GZip"], .gzip), (["x-gzip"], .gzip), (["gzip, identity"], .gzip),
    (["identity", "gzip"], .gzip),
    ([" \tgzip\t "], .gzip), ([",gzip,"], .gzip), (["deflate"], .deflate), (["ZSTD"], .zstd),
  ])
  func namesAreMatchedInAnyCase(fields: [String], coding: ContentCoding) throws {
    #expect(try ContentCoding(fields: fields) == coding)
  }

  @Test(arguments: ["br", "gzi", "gzipp", "snappy", "gzip;q=1", "*", "gzip br"])
  func unknownOnesAreRefused(name: String) {
    #expect(throws: Refusal.unsupportedCoding) { try ContentCoding(fields: [name]) }
  }

  @Test(arguments: [["gzip, gzip"], ["gzip", "zstd"], ["deflate, identity, zstd"]])
  func oneOnTopOfAnotherIsRefused(fields: [String]) {
    #expect(throws: Refusal.severalCodings) { try ContentCoding(fields: fields) }
  }
}
