import Foundation

/// An empty folder that goes away with this value.
final class TemporaryFolder {
  let path = NSTemporaryDirectory() + "files-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
