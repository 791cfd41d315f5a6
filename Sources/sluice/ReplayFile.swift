import Glibc

/// A file that keeps how far a replay is: a line that says what it is, one with the number of the next record, and what
/// is replayed. It is whole at every moment.
struct ReplayFile {
  private static let kind = "sluice replay 1"
  private static let maxBytes = 1 << 20
  private let path: String
  private let what: String

  /// What is replayed, in parts that have to be the same the next time.
  init(_ path: String, of parts: [String]) {
    self.path = path
    what = parts.map { $0.debugDescription }.joined(separator: " ")
  }

  /// Where to go on; nil if there is no file yet.
  func read() throws -> UInt64? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if file < 0 {
      if errno == ENOENT { return nil }
      throw failure("cannot be read")
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.maxBytes else {
      throw ReplayError("--resume: \(visible(path)) is not a file that a replay has written")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw failure("cannot be read") }
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
    guard lines.count == 3, lines[0] == Self.kind, let next = UInt64(lines[1]) else {
      throw ReplayError("--resume: \(visible(path)) is not a file that a replay has written")
    }
    if lines[2] != what + "\n" {
      throw ReplayError("--resume: \(visible(path)) is of another replay: of \(visible(String(lines[2])))")
    }
    return next
  }

  /// Keeps where to go on.
  func write(_ next: UInt64) throws {
    let new = path + ".new"
    let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if file < 0 { throw failure("cannot be written") }
    let bytes = Array("\(Self.kind)\n\(next)\n\(what)\n".utf8)
    let isWritten = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count
    let isSynced = isWritten && fsync(file) == 0
    close(file)
    if !isSynced || rename(new, path) != 0 { throw failure("cannot be written") }
  }

  private func failure(_ what: String) -> ReplayError {
    ReplayError("--resume: \(visible(path)) \(what): \(String(cString: strerror(errno)))")
  }
}
