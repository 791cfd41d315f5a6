import Foundation
import Testing

@testable import Gateway
@testable import LogPipeline

@Suite struct TimeZoneFilesTests {
  @Test(arguments: ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Nowhere/At_All"])
  func zonesAreThoseOfTheSystem(_ name: String) {
    TimeZoneFiles.offer()
    let isThere = FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/\(name)")
    #expect((TimeZones.named(Array(name.utf8)) != nil) == isThere)
  }

  @Test func clocksAreThoseOfTheSystem() throws {
    TimeZoneFiles.offer()
    guard let zone = TimeZones.named(Array("Europe/Berlin".utf8)) else { return }
    #expect(zone.period(atUnixSeconds: 1_705_276_800).offset == 3600)
    #expect(zone.period(atUnixSeconds: 1_721_001_600).offset == 7200)
    #expect(zone.period(atUnixSeconds: 4_102_444_800).offset == 3600)
  }

  @Test func nothingButZonesIsRead() {
    TimeZoneFiles.offer()
    #expect(TimeZones.named(Array("../../../etc/passwd".utf8)) == nil)
    #expect(TimeZones.named(Array("zone1970".utf8)) == nil)
  }
}
