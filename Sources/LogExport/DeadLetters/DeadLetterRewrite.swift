import Glibc
import LogPipeline
import Synchronization

/// Replaces a file of dead letters by what is kept of it, in one step, while a gateway may append to it.
///
/// Until `commit` the file is as it was; a rewrite that is given up leaves nothing behind but `PATH.lock`.
final class DeadLetterRewrite: RefusalSink {
  private struct State {
    var source: Int32
    var target: Int32
    /// A range that is to be copied, so far.
    var kept = 0..<0
    var failure: FileFailure?
  }

  private let path: String
  private let lock: RewriteLock
  private let state: Mutex<State>
  private let time: ExportTime

  init(path: String, time: ExportTime = .system) throws(FileFailure) {
    let source = open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw FileFailure("cannot open \(path)", errno: errno) }
    guard let lock = RewriteLock(of: path) else {
      let failure = FileFailure("cannot lock \(path).lock: another command may be at work", errno: errno)
      _ = close(source)
      throw failure
    }
    guard Self.stands(source, at: path) else {
      _ = close(source)
      lock.release()
      throw FileFailure("\(path) was just replaced; try again", errno: ESTALE)
    }
    let target = open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
    guard target >= 0 else {
      let failure = FileFailure("cannot make \(path).new", errno: errno)
      _ = close(source)
      lock.release()
      throw failure
    }
    self.path = path
    self.lock = lock
    self.time = time
    state = Mutex(State(source: source, target: target))
  }

  deinit {
    state.withLock { state in
      _ = close(state.source)
      _ = close(state.target)
    }
    _ = unlink(path + ".new")
    lock.release()
  }

  /// Why records could not be kept.
  var failure: FileFailure? { state.withLock { $0.failure } }

  /// Keeps the lines that lie at `range` of the file.
  func keep(_ range: Range<Int>) throws(FileFailure) {
    try with { state throws(FileFailure) in
      if state.kept.upperBound == range.lowerBound, !state.kept.isEmpty {
        state.kept = state.kept.lowerBound..<range.upperBound
      } else {
        try self.copy(&state)
        state.kept = range
      }
    }
  }

  /// Keeps records that were refused again, as new letters.
  func take(_ refused: [RefusedRecords]) throws {
    var encoder = DeadLetterEncoder()
    let now = time.unixMilliseconds()
    for records in refused { encoder.append(records, unixMilliseconds: now) }
    let lines = encoder.lines.array
    try with { state throws(FileFailure) in
      try self.copy(&state)
      if let failure = lines.withUnsafeBytes({ FileWriter.write($0, to: state.target) }) { throw failure }
    }
  }

  /// Puts what was kept, and all that follows `end` in the file, in the file's place.
  func commit(from end: Int) throws(FileFailure) {
    try with { state throws(FileFailure) in
      while flock(state.source, LOCK_EX) != 0 {
        if errno != EINTR { throw FileFailure("cannot lock \(self.path)", errno: errno) }
      }
      defer { _ = flock(state.source, LOCK_UN) }
      var held = stat()
      guard Self.stands(state.source, at: self.path), fstat(state.source, &held) == 0 else {
        throw FileFailure("\(self.path) was replaced meanwhile and is left as it is", errno: ESTALE)
      }
      try self.copy(&state)
      state.kept = end..<max(Int(held.st_size), end)
      try self.copy(&state)
      guard fsync(state.target) == 0, rename(self.path + ".new", self.path) == 0 else {
        throw FileFailure("cannot replace \(self.path)", errno: errno)
      }
      FileWriter.syncFolder(of: self.path)
    }
  }

  /// True if the open file is the one at the path.
  private static func stands(_ descriptor: Int32, at path: String) -> Bool {
    var (held, standing) = (stat(), stat())
    return fstat(descriptor, &held) == 0 && stat(path, &standing) == 0 && held.st_ino == standing.st_ino
      && held.st_dev == standing.st_dev
  }

  private func with(_ body: (inout State) throws(FileFailure) -> Void) throws(FileFailure) {
    let failure = state.withLock { state -> FileFailure? in
      do throws(FileFailure) {
        try body(&state)
        return nil
      } catch {
        state.failure = error
        return error
      }
    }
    if let failure { throw failure }
  }

  private func copy(_ state: inout State) throws(FileFailure) {
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    var offset = state.kept.lowerBound
    while offset < state.kept.upperBound {
      let count = min(
        try readBytes(of: state.source, at: offset, into: &chunk, path: path), state.kept.upperBound - offset)
      guard count > 0 else { throw FileFailure("\(path) has become shorter", errno: EIO) }
      if let failure = chunk.withUnsafeBytes({ bytes in
        FileWriter.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: state.target)
      }) {
        throw failure
      }
      offset += count
    }
    state.kept = 0..<0
  }
}
