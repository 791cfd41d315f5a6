import Foundation

/// A file with a given text that goes away with this value.
final class TemporaryFile {
  let path = NSTemporaryDirectory() + "files-\(UUID().uuidString)"

  init(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

  deinit { unlink(path) }
}
