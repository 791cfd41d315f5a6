import Options
import Testing

@Suite struct ByteSizeTextTests {
  @Test(arguments: [
    ("0", 0), ("1048576", 1 << 20), ("64MiB", 64 << 20), ("64mb", 64_000_000), ("64 MiB", 64 << 20), ("5e6", 5_000_000),
    ("1.5GiB", 3 << 29), ("1k", 1000), ("1Ki", 1024), ("2Gi", 2 << 30), ("1TiB", 1 << 40), ("10b", 10), (".5KiB", 512),
    ("1E3", 1000), ("1.5e3", 1500), ("9223372036854775807", Int.max), ("1.9", 1),
  ])
  func readsUnitsOfBothKinds(_ text: String, _ expected: Int) throws {
    #expect(try parseByteSize(text) == expected)
  }

  @Test(arguments: ["", "MiB", "-1", "+1", "1x", "1MiBs", "1..2", "e6", "1e", "1e-3", "0x10", "1 2", "１"])
  func refusesOtherText(_ text: String) {
    #expect(
      read(.byteSize(in: 0...Int.max), text).mismatch?.expected == "a size like \"64MiB\", \"64MB\" or \"1048576\"")
  }

  @Test(arguments: ["8388608TiB", "1e19", "9.3e18", "1e18KiB", "1e99999999999999999999"])
  func refusesWhatDoesNotFit(_ text: String) {
    #expect(throws: OptionMismatch.self) { try parseByteSize(text) }
  }

  @Test func checksTheRangeAtBothEnds() {
    let type = OptionType<Int>.byteSize(in: 1024...(1 << 20))
    #expect(read(type, "1KiB").value == 1024)
    #expect(read(type, "1MiB").value == 1 << 20)
    #expect(read(type, "1023").mismatch?.expected == "a size from 1KiB to 1MiB")
    #expect(read(type, "1048577").mismatch?.expected == "a size from 1KiB to 1MiB")
  }

  @Test(arguments: [
    (0, "0"), (1, "1"), (1000, "1000"), (1024, "1KiB"), (64 << 20, "64MiB"), (3 << 29, "1536MiB"), (5 << 40, "5TiB"),
  ])
  func writesTheLargestUnitThatDivides(_ bytes: Int, _ expected: String) throws {
    #expect(formatByteSize(bytes) == expected)
    #expect(try parseByteSize(expected) == bytes)
  }
}
