import Glibc
import Testing

@testable import Gateway

@Suite struct OpenFilesTests {
  @Test func aReserveIsLeftToFilesDestinationsAndHealth() {
    let files = OpenFiles(limit: 1024, open: 24, wanted: 100)
    #expect(files.endForSenders == 924)
    #expect(files.endForAdmins == 974)
  }

  @Test func atLeastHalfOfWhatIsFreeIsLeftToSenders() {
    #expect(OpenFiles(limit: 200, open: 100, wanted: 5000).endForSenders == 150)
    #expect(OpenFiles(limit: 10, open: 30, wanted: 5000).reserve == 0)
  }

  @Test func whatIsWantedGrowsWithTheExporters() throws {
    let one = OpenFiles.wanted(by: try loadStandard(withExporter("nop", "")))
    let more = OpenFiles.wanted(by: try loadStandard(withExporter("nop", "sending_queue: {num_consumers: 104}")))
    #expect(one > OpenFiles.adminConnections)
    #expect(more == one + 100)
  }

  @Test func theLimitsAreThoseOfTheProcess() {
    let limits = OpenFiles.limits()
    #expect(limits.soft > 0 && limits.soft <= limits.hard)
    #expect(OpenFiles.raiseLimit().now == limits.hard)
    #expect(OpenFiles.limits().soft == limits.hard)
    #expect(OpenFiles.open() >= 3)
  }
}
