import Foundation

@testable import LogStore

/// A store in a folder of its own, which goes with it.
final class StoreFixture {
  let directory = NSTemporaryDirectory() + "sluice-store-" + UUID().uuidString
  var options: StoreOptions

  init(_ change: (inout StoreOptions) -> Void = { _ in }) {
    options = StoreOptions(directory: directory)
    options.syncs = false
    change(&options)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// The store in the folder; the fixture has to be kept as long.
  func open() throws -> LogStore { try LogStore(options) }

  /// A store that needs no folder.
  func openInMemory() throws -> LogStore { try LogStore(options, files: PowerCutDisk()) }

  /// The names of the store's files but its lock, in order.
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { $0 != "LOCK" }.sorted()
  }

  func path(_ name: String) -> String { directory + "/" + name }

  func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }
}

extension LogStore {
  func append(_ records: [SampleRecord], at unixNano: UInt64 = 1) throws {
    try Sample.request(records).withUnsafeBytes { try append($0, receivedUnixNano: unixNano) }
  }
}

extension StoreView {
  /// The bodies of what a query finds, newest first.
  func bodies(_ query: String, now: UInt64 = 0, limit: Int = 1000) throws -> [String] {
    let found = try search(QueryParser.parse(query, nowUnixNano: now), .newestFirst, limit: limit)
    return found.records.map(\.bodyText)
  }
}

extension StoredRecord {
  /// The body, if it is a string.
  var bodyText: String {
    message.withUnsafeBytes { bytes in
      var text = ""
      var fields = WireFields(bytes)
      while let field = fields.next() {
        if field.number == 5 {
          Leaves.visit(field.content, of: bytes) {
            if case .text(let leaf) = $0 { text = String(decoding: leaf, as: UTF8.self) }
          }
        }
      }
      return text
    }
  }
}
