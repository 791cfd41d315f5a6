import Testing

@testable import LogExport

@Suite struct ExportSizesTests {
  @Test func batchesAreToldApartByWhatHadThemSent() {
    let sizes = ExportSizes()
    sizes.batchBegins(records: 100, bytes: 5000, isFull: true)
    sizes.batchBegins(records: 1, bytes: 70, isFull: false)
    sizes.batchBegins(records: 1, bytes: 70, isFull: false)
    sizes.requestEnded(bytes: 900)
    var snapshot = sizes.snapshot
    #expect(snapshot.full == 1 && snapshot.timed == 2)
    #expect(snapshot.records.count == 3 && snapshot.records.sum == 102 && snapshot.bytes.sum == 5140)
    #expect(snapshot.requestBytes.count == 1 && snapshot.requestBytes.sum == 900)
    snapshot += sizes.snapshot
    #expect(snapshot.full == 2 && snapshot.timed == 4 && snapshot.records.count == 6 && snapshot.bytes.sum == 10_280)
  }
}
