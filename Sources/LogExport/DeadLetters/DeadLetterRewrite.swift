import Glibc
import LogPipeline
import Synchronization

/// Takes lines out of a file of dead letters, and adds what was rejected again, in one step, while a gateway may append
/// to it. Whatever is not taken out stays as it is, and so do the owner and the mode of the file.
///
/// Until `commit` the file is as it was; a rewrite that is given up leaves nothing behind but `PATH.lock`.
final class DeadLetterRewrite: Sendable {
  private struct State {
    let source: Int32
    /// New letters, in a file without a name; -1 if there are none.
    var rejectedAgain: Int32 = -1
    /// In the order of the file; what is next to each other is joined.
    var removed: [Range<Int>] = []
    var failure: FileFailure?
  }

  private let path: String
  private let lock: RewriteLock
  private let state: Mutex<State>
  private let time: ExportTime
  private var newPath: String { path + ".new" }

  init(path: String, time: ExportTime = .system) throws(FileFailure) {
    let source = try openRegularFile(path)
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
    self.path = path
    self.lock = lock
    self.time = time
    state = Mutex(State(source: source))
  }

  deinit {
    state.withLock { state in
      _ = close(state.source)
      if state.rejectedAgain >= 0 { _ = close(state.rejectedAgain) }
    }
    lock.release()
  }

  /// Why records that were rejected again could not be kept.
  var failure: FileFailure? { state.withLock { $0.failure } }

  /// True if a commit would change something.
  var hasChanges: Bool { state.withLock { !$0.removed.isEmpty } }

  /// Takes out the lines that lie at `range` of the file.
  func remove(_ range: Range<Int>) {
    state.withLock { $0.removed.insertJoined(range) }
  }

  /// Keeps records that were rejected again, as new letters.
  func take(_ rejected: [RejectedRecords]) throws {
    var encoder = DeadLetterEncoder()
    let now = time.unixMilliseconds()
    for records in rejected { encoder.append(records, unixMilliseconds: now) }
    let lines = encoder.lines.array
    let failure = state.withLock { state -> FileFailure? in
      do throws(FileFailure) {
        if state.rejectedAgain < 0 { state.rejectedAgain = try Self.makeNew(path + ".again", isNamed: false) }
        let whole = try size(of: state.rejectedAgain)
        state.failure = lines.withUnsafeBytes { FileWriter.write($0, to: state.rejectedAgain) }
        // A line cut short would spoil what follows it.
        if state.failure != nil { _ = ftruncate(state.rejectedAgain, off_t(whole)) }
      } catch {
        state.failure = error
      }
      return state.failure
    }
    if let failure { throw failure }
  }

  /// Puts what stays, what was rejected again and all that follows `end` in the file, in the file's place.
  func commit(from end: Int) throws(FileFailure) {
    let failure = state.withLock { state -> FileFailure? in
      do throws(FileFailure) {
        let target = try Self.makeNew(newPath, isNamed: true)
        defer {
          _ = close(target)
          _ = unlink(newPath)
        }
        try put(state, until: end, into: target)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  private func put(_ state: State, until end: Int, into target: Int32) throws(FileFailure) {
    // Up to there nothing changes any more; only what follows is copied while the gateway waits.
    var offset = 0
    for range in state.removed {
      try copy(state.source, offset..<max(range.lowerBound, offset), to: target)
      offset = range.upperBound
    }
    try copy(state.source, offset..<max(end, offset), to: target)
    if state.rejectedAgain >= 0 { try copy(state.rejectedAgain, 0..<(try size(of: state.rejectedAgain)), to: target) }
    while flock(state.source, LOCK_EX) != 0 {
      if errno != EINTR { throw FileFailure("cannot lock \(path)", errno: errno) }
    }
    defer { _ = flock(state.source, LOCK_UN) }
    var held = stat()
    guard Self.stands(state.source, at: path), fstat(state.source, &held) == 0 else {
      throw FileFailure("\(path) was replaced meanwhile and is left as it is", errno: ESTALE)
    }
    try copy(state.source, end..<max(Int(held.st_size), end), to: target)
    guard FileOwner(held).give(to: target) else {
      throw FileFailure("cannot keep the owner of \(path), which is left as it is", errno: errno)
    }
    guard fsync(target) == 0, rename(newPath, path) == 0 else {
      throw FileFailure("cannot replace \(path)", errno: errno)
    }
    FileWriter.syncFolder(of: path)
  }

  /// Makes a file that only this process uses, whatever an earlier one has left there.
  private static func makeNew(_ path: String, isNamed: Bool) throws(FileFailure) -> Int32 {
    _ = unlink(path)
    let made = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard made >= 0 else { throw FileFailure("cannot make \(path)", errno: errno) }
    if !isNamed { _ = unlink(path) }
    return made
  }

  /// True if the open file is the one at the path.
  private static func stands(_ descriptor: Int32, at path: String) -> Bool {
    var (held, standing) = (stat(), stat())
    return fstat(descriptor, &held) == 0 && stat(path, &standing) == 0 && held.st_ino == standing.st_ino
      && held.st_dev == standing.st_dev
  }

  private func size(of descriptor: Int32) throws(FileFailure) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFailure("cannot read \(path)", errno: errno) }
    return Int(status.st_size)
  }

  private func copy(_ source: Int32, _ range: Range<Int>, to target: Int32) throws(FileFailure) {
    if range.isEmpty { return }
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = min(try readBytes(of: source, at: offset, into: &chunk, path: path), range.upperBound - offset)
      guard count > 0 else { throw FileFailure("\(path) has become shorter", errno: EIO) }
      let failure = chunk.withUnsafeBytes {
        FileWriter.write(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: target)
      }
      if let failure { throw failure }
      offset += count
    }
  }
}

extension [Range<Int>] {
  /// Adds a range to sorted ones that neither overlap nor touch, which holds afterwards too. Cheap near the end.
  fileprivate mutating func insertJoined(_ range: Range<Int>) {
    var (start, end) = (range.lowerBound, range.upperBound)
    var index = endIndex
    while index > startIndex, self[index - 1].lowerBound > end { index -= 1 }
    let upper = index
    while index > startIndex, self[index - 1].upperBound >= start {
      index -= 1
      start = Swift.min(start, self[index].lowerBound)
      end = Swift.max(end, self[index].upperBound)
    }
    replaceSubrange(index..<upper, with: CollectionOfOne(start..<end))
  }
}
