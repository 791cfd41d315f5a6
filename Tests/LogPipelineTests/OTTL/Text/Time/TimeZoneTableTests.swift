import Synchronization
import Testing

@testable import LogPipeline

@Suite struct TimeZoneTableTests {
  /// A file of version 2 whose first part is empty.
  static func file(
    starts: [Int64] = [], kinds: [UInt8] = [], periods: [(offset: Int32, name: UInt8)], names: String, rule: String
  ) -> [UInt8] {
    func bytes(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    func head(_ transitions: Int, _ kinds: Int, _ characters: Int) -> [UInt8] {
      Array("TZif2".utf8) + Array(repeating: 0, count: 15) + bytes(0, 4) + bytes(0, 4) + bytes(0, 4)
        + bytes(transitions, 4)
        + bytes(kinds, 4) + bytes(characters, 4)
    }
    var file = head(0, 1, 1) + bytes(0, 4) + [0, 0, 0]
    file += head(starts.count, periods.count, names.utf8.count)
    for start in starts { file += bytes(Int(start), 8) }
    file += kinds
    for period in periods { file += bytes(Int(period.offset), 4) + [0, period.name] }
    return file + Array(names.utf8) + [0x0A] + Array(rule.utf8) + [0x0A]
  }

  /// New York as it was since 2007, and before for a while.
  static let newYork = file(
    starts: [1_162_101_600, 1_173_596_400], kinds: [1, 2], periods: [(-17762, 0), (-18000, 4), (-14400, 8)],
    names: "LMT\0EST\0EDT\0", rule: "EST5EDT,M3.2.0,M11.1.0")

  @Test(arguments: [
    (0, -17762, "LMT"), (1_162_101_599, -17762, "LMT"), (1_162_101_600, -18000, "EST"), (1_173_596_399, -18000, "EST"),
    (1_173_596_400, -14400, "EDT"), (1_710_053_999, -18000, "EST"), (1_710_054_000, -14400, "EDT"),
    (1_730_613_599, -14400, "EDT"),
    (1_730_613_600, -18000, "EST"),
  ])
  func offsetsHoldAtTheirTimes(_ seconds: Int64, _ offset: Int64, _ name: String) throws {
    let zone = try #require(TimeZoneTable(file: Self.newYork))
    let found = zone.period(atUnixSeconds: seconds)
    #expect(found.offset == offset)
    #expect(found.name == Array(name.utf8))
  }

  @Test(arguments: [
    ("2024-01-15 10:30:00", 1_705_332_600), ("2024-07-15 10:30:00", 1_721_053_800),
    ("2007-02-01 00:00:00", 1_170_306_000),
  ])
  func clocksOfAZoneAreRead(_ text: String, _ seconds: Int64) throws {
    let zone = try #require(TimeZoneTable(file: Self.newYork))
    let layout = try TimeLayout(Array("%F %T".utf8))
    #expect(text.withBytes { layout.read($0, in: zone, now: 0)?.unixNano } == seconds * 1_000_000_000)
    #expect(written { layout.append(unixNano: seconds * 1_000_000_000, in: zone, to: &$0) } == text)
  }

  @Test func namesOfAZoneAreKnown() throws {
    let zone = try #require(TimeZoneTable(file: Self.newYork))
    let layout = try TimeLayout(Array("%F %T %Z".utf8))
    #expect(
      "2024-01-15 10:30:00 EDT".withBytes { layout.read($0, in: zone, now: 0)?.unixNano } == 1_705_329_000_000_000_000)
    #expect(
      "2024-01-15 10:30:00 UTC".withBytes { layout.read($0, in: zone, now: 0)?.unixNano } == 1_705_314_600_000_000_000)
    #expect("2024-01-15 10:30:00 CEST".withBytes { layout.read($0, in: zone, now: 0)?.unixNano } == nil)
  }

  @Test func aHourThatIsSkippedOrComesTwiceIsOneOfTheTwo() throws {
    let zone = try #require(TimeZoneTable(file: Self.newYork))
    let layout = try TimeLayout(Array("%F %T".utf8))
    let twice = "2024-11-03 01:30:00".withBytes { layout.read($0, in: zone, now: 0)?.unixNano }
    #expect([1_730_611_800_000_000_000, 1_730_615_400_000_000_000].contains(twice))
    let never = "2024-03-10 02:30:00".withBytes { layout.read($0, in: zone, now: 0)?.unixNano }
    #expect([1_710_052_200_000_000_000, 1_710_055_800_000_000_000].contains(never))
  }

  @Test func filesAreCutAnywhere() {
    for count in 0..<Self.newYork.count - 25 { #expect(TimeZoneTable(file: Array(Self.newYork.prefix(count))) == nil) }
  }

  @Test(arguments: 44..<140) func filesMayHoldAnything(_ place: Int) {
    for byte: UInt8 in [0, 1, 0x7F, 0xFF] {
      var file = Self.newYork
      if place < file.count { file[place] = byte }
      let zone = TimeZoneTable(file: file)
      for seconds in [Int64.min, -1, 0, 1_710_054_000, Int64.max] { _ = zone?.period(atUnixSeconds: seconds) }
    }
  }

  @Test(
    arguments: [
      ("", 0), ("UTC", 0), ("Etc/UTC", 0), ("GMT", 0), ("Local", 0), ("Etc/GMT+5", -18000), ("Etc/GMT-14", 50400),
      ("Etc/GMT-15", nil),
      ("Nowhere/At_All", nil), ("../etc/passwd", nil), ("/etc/localtime", nil), ("Europe/", nil),
    ] as [(String, Int64?)])
  func zonesAreFoundByName(_ name: String, _ offset: Int64?) {
    #expect(TimeZones.named(Array(name.utf8))?.period(atUnixSeconds: 0).offset == offset)
  }

  @Test func filesOfZonesComeFromOutside() {
    let asked = Mutex<[String]>([])
    TimeZones.use { name in
      asked.withLock { $0.append(name) }
      return name == "America/New_York" ? Self.newYork : nil
    }
    #expect(TimeZones.named(Array("America/New_York".utf8))?.period(atUnixSeconds: 1_705_332_600).offset == -18000)
    #expect(TimeZones.named(Array("../x".utf8)) == nil)
    #expect(asked.withLock { $0 }.allSatisfy { !$0.contains(".") })
  }
}
