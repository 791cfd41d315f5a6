import Glibc

/// What a file held when it was read, and by what one can tell that it has not changed since. Of its content a hash is
/// all that is kept, as files may hold secrets.
struct FileStamp: Sendable {
  /// What the content is told by.
  struct Content: Sendable, Equatable {
    var byteCount: Int
    var hash: Int
  }

  let content: Content
  private let status: Status

  /// What the system says of a file, links followed, so that it tells of a link that was moved to another one too.
  private struct Status: Sendable, Equatable {
    var device: UInt
    var inode: UInt
    var byteCount: Int
    var changed: Int
    var changedNano: Int
    /// Whether the file had changed so shortly before that another change could bear the same time.
    var isFresh: Bool

    /// Nil if nothing can be said of it.
    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = status.st_dev
      inode = status.st_ino
      byteCount = status.st_size
      changed = status.st_ctim.tv_sec
      changedNano = status.st_ctim.tv_nsec
      isFresh = time(nil) &- changed < 2
    }
  }

  /// Reads files, none of them past the limit.
  static func read(
    _ paths: [String], maxBytes: Int
  ) throws(FileReadError) -> (stamps: [FileStamp], contents: [[UInt8]]) {
    var stamps: [FileStamp] = []
    var contents: [[UInt8]] = []
    for path in paths {
      guard let status = Status(path) else { throw FileReadError(reason: "\(path): \(systemReason(errno))") }
      let bytes: [UInt8]
      do throws(FileReadError) {
        bytes = try readFile(path, maxBytes: maxBytes)
      } catch {
        throw FileReadError(reason: "\(path): \(error.reason)")
      }
      var hasher = Hasher()
      bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
      stamps.append(FileStamp(content: Content(byteCount: bytes.count, hash: hasher.finalize()), status: status))
      contents.append(bytes)
    }
    return (stamps, contents)
  }

  /// Whether the system says that files have not changed, which costs no reading.
  static func areSame(_ stamps: [FileStamp], _ paths: [String]) -> Bool {
    zip(stamps, paths).allSatisfy { stamp, path in !stamp.status.isFresh && Status(path) == stamp.status }
  }
}
