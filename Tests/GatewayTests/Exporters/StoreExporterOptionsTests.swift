import LogExport
import LogPipeline
import LogStore
import Options
import Testing

@testable import Gateway

@Suite struct StoreExporterOptionsTests {
  @Test func everyOptionArrives() throws {
    let folder = try TemporaryFolder()
    let options = """
      path: \(folder.path)/logs
      retention: {max_size: 2GiB, max_age: 72h}
      block_records: 100
      block_size: 1MiB
      compression_level: 3
      fsync: false
      query: {max_duration: 5s, max_read: 1GiB, max_result: 1MiB, max_concurrent: 2}
      \(DeliveryOptionsTests.everyOption)
      """
    let (component, missing): (StoreExporterOptions, _) = try component("store", options)
    #expect(missing == DeliveryOptionsTests.neverGiven)
    var storage = StoreOptions(directory: "\(folder.path)/logs")
    storage.retentionBytes = 2 << 30
    storage.retentionAge = .seconds(72 * 3600)
    storage.blockRecords = 100
    storage.blockBytes = 1 << 20
    storage.compressionLevel = 3
    storage.syncs = false
    #expect(component.settings.storage == storage)
    let limits = component.settings.limits
    #expect(limits.duration == .seconds(5) && limits.readBytes == 1 << 30 && limits.resultBytes == 1 << 20)
    #expect(component.settings.maxSearches == 2)
    #expect(component.delivery.loop == DeliveryOptionsTests.everyOptionRead)
    #expect(try component.makeDialect().bodyFormat == .otlp)
  }

  @Test func theDefaultsAreThoseOfTheStore() throws {
    let folder = try TemporaryFolder()
    let (component, _): (StoreExporterOptions, _) = try component("store", "path: \(folder.path)/logs")
    #expect(component.settings.storage == StoreOptions(directory: "\(folder.path)/logs"))
    #expect(component.settings.limits.duration == .seconds(30) && component.settings.maxSearches == 4)
  }

  @Test(arguments: [
    ("retention: {max_size: 1MiB}", true), ("retention: {max_size: 1048575}", false), ("block_records: 64", true),
    ("block_records: 63", false), ("block_records: 16384", true), ("block_records: 16385", false),
    ("block_size: 64KiB", true), ("block_size: 65535", false), ("block_size: 16MiB", true),
    ("block_size: 16777217", false), ("compression_level: 19", true), ("compression_level: 20", false),
    ("query: {max_concurrent: 8}", true), ("query: {max_concurrent: 9}", false), ("query: {max_result: 1KiB}", true),
    ("query: {max_result: 1023}", false), ("query: {max_duration: 1h}", true), ("query: {max_duration: 3601s}", false),
    ("query: {max_read: 1MiB}", true), ("query: {max_read: 1048575}", false),
  ])
  func limitsOfOptions(_ option: String, _ isTaken: Bool) throws {
    let folder = try TemporaryFolder()
    #expect(problems("store", "path: \(folder.path)/logs\n\(option)").isEmpty == isTaken)
  }
}
