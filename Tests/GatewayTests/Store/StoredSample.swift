import Foundation
import LogStore

@testable import Gateway

/// Requests of OTLP as a store takes them.
enum StoredSample {
  private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    var rest = content.count
    while rest > 127 {
      length.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return [number << 3 | 2] + length + [UInt8(rest)] + content
  }

  private static func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  /// A request of one record for each body, a nanosecond apart from `start` on.
  static func request(_ bodies: [String], service: String = "shop", start: UInt64 = 1_700_000_000_000_000_000)
    -> [UInt8]
  {
    let resource = field(1, text(1, "service.name") + field(2, text(1, service)))
    var scopeLogs: [UInt8] = []
    for (index, body) in bodies.enumerated() {
      let time = withUnsafeBytes(of: (start + UInt64(index)).littleEndian) { Array($0) }
      let severity: [UInt8] = [2 << 3, body.hasPrefix("error") ? 17 : 9]
      let record =
        [1 << 3 | 1] + time + severity + field(5, text(1, body)) + field(9, [UInt8](repeating: 0xAB, count: 16))
      scopeLogs += field(2, record)
    }
    return field(1, field(1, resource) + field(2, scopeLogs))
  }

  /// A store of a folder, open.
  static func store(_ folder: TemporaryFolder, _ stores: OpenStores, _ change: (inout StoreSettings) -> Void = { _ in })
    throws -> LogStore
  {
    var settings = StoreSettings(directory: "\(folder.path)/logs")
    settings.storage.syncs = false
    change(&settings)
    return try stores.open(settings, for: "store")
  }
}

extension LogStore {
  func append(_ request: [UInt8]) throws {
    try request.withUnsafeBytes { try append($0, receivedUnixNano: WallClock.unixNano) }
  }
}
