import Glibc

/// Why a file could not be read, without its content.
package struct FileReadError: Error, Sendable, CustomStringConvertible {
  /// The system's words, or the sizes of a file that is too large.
  package var reason: String

  package var description: String { reason }

  package init(reason: String) { self.reason = reason }
}

/// How long what is no regular file may take where a path is meant to name a file, as of a certificate: a shell's
/// `<(command)` is a pipe.
package let pipeLimit = Duration.seconds(5)

/// Reads a whole file of at most `maxBytes`; nothing past the limit is kept. What is no regular file, such as a pipe,
/// has to end within `limit`.
package func readFile(
  _ path: String, maxBytes: Int, within limit: Duration = .seconds(30)
) throws(FileReadError) -> [UInt8] {
  guard !path.isEmpty, !path.utf8.contains(0) else { throw FileReadError(reason: "the path is not valid") }
  // Opening a named pipe otherwise waits until somebody writes to it.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw FileReadError(reason: systemReason(errno)) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw FileReadError(reason: systemReason(errno)) }
  let kind = FileKind(status)
  if kind == .file, status.st_size > maxBytes {
    throw FileReadError(reason: "it has \(status.st_size) bytes, the limit is \(maxBytes) bytes")
  }
  let deadline = ContinuousClock.now + limit
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    if kind != .file, !waitForInput(descriptor, until: deadline) {
      throw FileReadError(
        reason: "it is \(kind.rawValue) that has not ended within \(limit), after \(bytes.count) bytes")
    }
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0, errno == EINTR || errno == EAGAIN { continue }
    guard count >= 0 else { throw FileReadError(reason: systemReason(errno)) }
    if count == 0 { return bytes }
    guard bytes.count + count <= maxBytes else {
      throw FileReadError(
        reason: "\(kind.rawValue) of at least \(bytes.count + count) bytes, the limit is \(maxBytes) bytes")
    }
    bytes += chunk.prefix(count)
  }
}

/// What a path names, in words for errors.
private enum FileKind: String {
  case file = "a file"
  case pipe = "a pipe"
  case device = "a device"
  case other = "no regular file"

  init(_ status: stat) {
    self =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFIFO: .pipe
      case S_IFCHR, S_IFBLK: .device
      default: .other
      }
  }
}

/// Waits until there is something to read, or the end of it. False once the time has passed, whatever there is then.
private func waitForInput(_ descriptor: CInt, until deadline: ContinuousClock.Instant) -> Bool {
  while true {
    let left = (deadline - .now).components
    let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
    guard milliseconds > 0 else { return false }
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let count = poll(&wanted, 1, CInt(clamping: milliseconds))
    if count > 0 { return true }
    if count < 0 && errno != EINTR { return true }
  }
}

/// The system's words for an error number.
package func systemReason(_ number: CInt) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  _ = strerror_r(number, &buffer, buffer.count - 1)
  return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
