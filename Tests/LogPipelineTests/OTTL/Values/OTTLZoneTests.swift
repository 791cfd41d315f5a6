import Testing

@testable import LogPipeline

@Suite struct OTTLZoneTests {
  @Test(arguments: [-86_400, -5400, -1, 0, 1, 3600, 90_000] as [Int64])
  func offsetsAreKeptWithTheirSign(_ seconds: Int64) {
    let zone = OTTLValue.time(1, in: .ahead(by: seconds)).zone
    #expect(zone.seconds == seconds && zone.index == nil)
  }

  @Test(arguments: [0, 1, UInt32.max])
  func zonesAreKeptByTheirIndex(_ index: UInt32) {
    let zone = OTTLValue.time(.min, in: .prepared(index)).zone
    #expect(zone.index == Int(index) && zone.seconds == nil)
  }

  @Test func utcIsNeither() {
    #expect(OTTLZone.utc.seconds == nil && OTTLZone.utc.index == nil)
    #expect(OTTLZone.utc != .ahead(by: 0))
  }
}
