import Foundation

/// A file that goes away with this value.
final class TemporaryFile {
  let path = NSTemporaryDirectory() + "access-\(UUID().uuidString)"

  init(_ text: String) throws { try write(text) }

  /// Replaces what it holds.
  func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) }

  deinit { unlink(path) }
}
