import Glibc

/// What a file held when it was read, and by what one can tell that it has not changed since. Of its content a hash is
/// all that is kept, as files may hold secrets.
package struct FileStamp: Sendable, Equatable {
  /// What the content is told by.
  struct Content: Sendable, Equatable {
    var byteCount: Int
    var hash: Int
  }

  let content: Content
  private let status: Status
  /// Whether the file had changed so shortly before that another change could bear the same time.
  private let isFresh: Bool

  private init(_ bytes: [UInt8], _ status: Status) {
    var hasher = Hasher()
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    content = Content(byteCount: bytes.count, hash: hasher.finalize())
    self.status = status
    isFresh = time(nil) &- status.changed < 2
  }

  /// Nil if nothing can be read there, or more than `maxBytes`. What is no regular file, such as a pipe, is not opened:
  /// its writer would find a reader that goes away.
  package init?(_ path: String, maxBytes: Int) {
    guard let status = Status(path), status.isRegular,
      let bytes = try? readFile(path, maxBytes: maxBytes, within: .zero)
    else { return nil }
    self.init(bytes, status)
  }

  /// Whether the same was held, by whichever file.
  package static func == (one: FileStamp, two: FileStamp) -> Bool { one.content == two.content }

  /// What the system says of a file, links followed, so that it tells of a link that was moved to another one too.
  private struct Status: Sendable, Equatable {
    var device: UInt
    var inode: UInt
    var byteCount: Int
    var changed: Int
    var changedNano: Int
    var isRegular: Bool

    /// Nil if nothing can be said of it.
    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = status.st_dev
      inode = status.st_ino
      byteCount = status.st_size
      changed = status.st_ctim.tv_sec
      changedNano = status.st_ctim.tv_nsec
      isRegular = status.st_mode & S_IFMT == S_IFREG
    }
  }

  /// Reads files, none of them past the limit. What is no regular file, such as a pipe, is read at start only: it may
  /// take its time, which nobody who looks at many files has.
  static func read(
    _ paths: [String], maxBytes: Int, isAtStart: Bool
  ) throws(FileReadError) -> (stamps: [FileStamp], contents: [[UInt8]]) {
    var stamps: [FileStamp] = []
    var contents: [[UInt8]] = []
    for path in paths {
      guard let status = Status(path) else { throw FileReadError(reason: "\(path): \(systemReason(errno))") }
      guard isAtStart || status.isRegular else { throw FileReadError(reason: "\(path): it is no regular file") }
      let bytes: [UInt8]
      do throws(FileReadError) {
        bytes = try readFile(path, maxBytes: maxBytes, within: pipeLimit)
      } catch {
        throw FileReadError(reason: "\(path): \(error.reason)")
      }
      stamps.append(FileStamp(bytes, status))
      contents.append(bytes)
    }
    return (stamps, contents)
  }

  /// Whether the system says that files have not changed, which costs no reading. What is no regular file, such as a
  /// pipe, is read once, and is the same for as long as it is none.
  static func areSame(_ stamps: [FileStamp], _ paths: [String]) -> Bool {
    zip(stamps, paths).allSatisfy { stamp, path in
      stamp.status.isRegular ? stamp.isStill(path) : Status(path)?.isRegular != true
    }
  }

  /// Whether one of the files has changed since, as far as the system's times tell.
  static func haveMoved(_ stamps: [FileStamp], _ paths: [String]) -> Bool {
    zip(stamps, paths).contains { stamp, path in Status(path) != stamp.status }
  }

  /// Whether the system says that the file there is the one that was read, and has not changed since.
  package func isStill(_ path: String) -> Bool { !isFresh && Status(path) == status }
}
