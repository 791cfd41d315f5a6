import LogStore
import Testing

@testable import Gateway

@Suite struct OpenStoresTests {
  private func settings(_ folder: TemporaryFolder, _ change: (inout StoreSettings) -> Void = { _ in }) -> StoreSettings
  {
    var settings = StoreSettings(directory: "\(folder.path)/logs")
    settings.storage.syncs = false
    change(&settings)
    return settings
  }

  @Test func aStoreIsOpenOnceForAllWhoWantIt() throws {
    let folder = try TemporaryFolder()
    let stores = OpenStores()
    let first = try stores.open(settings(folder), for: "store")
    let second = try stores.open(settings(folder) { $0.maxSearches = 1 }, for: "store/new")
    #expect(first === second)
    #expect(stores.all.map(\.exporter) == ["store/new"] && stores.all.map(\.settings.maxSearches) == [1])
    stores.close("\(folder.path)/logs")
    #expect(stores.all.count == 1)
    stores.close("\(folder.path)/logs")
    stores.close("\(folder.path)/logs")
    #expect(stores.all.isEmpty)
    #expect(throws: StoreError.closed) { try first.maintain(nowUnixNano: 1) }
    #expect(throws: Never.self) { try OpenStores().open(settings(folder), for: "store") }
  }

  @Test func twoProcessesCannotHaveOneFolder() throws {
    let folder = try TemporaryFolder()
    let stores = OpenStores()
    _ = try stores.open(settings(folder), for: "store")
    // Another table of open stores is as good as another process.
    do {
      _ = try OpenStores().open(settings(folder), for: "store")
      Issue.record("was opened twice")
    } catch {
      let id = "\(error)".split(separator: " ").first { Int($0) != nil } ?? ""
      #expect("\(error)" == "cannot open store \(folder.path)/logs: process \(id) has it open")
    }
  }
}
