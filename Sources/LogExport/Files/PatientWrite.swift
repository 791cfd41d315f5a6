import Glibc

/// For how long a write waits for somebody to read: until nothing was taken for `stall`, or it is told to give up.
final class WritePatience: Sendable {
  /// How often a write that waits looks whether it is to give up.
  private static let lookMilliseconds: Int32 = 50
  private let stall: Duration
  private let hasGivenUp: @Sendable () -> Bool

  init(stall: Duration, givingUp hasGivenUp: @escaping @Sendable () -> Bool = { false }) {
    self.stall = stall
    self.hasGivenUp = hasGivenUp
  }

  /// Waits until the descriptor takes bytes or reports an error. False if patience ended first.
  func waitsOut(_ descriptor: Int32) -> Bool {
    let deadline = ContinuousClock.now + stall
    while !hasGivenUp() {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let count = poll(&wanted, 1, Self.lookMilliseconds)
      if count > 0 || count < 0 && errno != EINTR { return true }
      if ContinuousClock.now >= deadline { return false }
    }
    return false
  }
}

/// What came of writing bytes.
struct WriteResult {
  var writtenBytes = 0
  var failure: FileFailure?
  /// Why it failed; 0 if patience ended.
  var number: Int32 = 0
}

/// Writes all of `bytes` to a pipe, terminal or the like, as long as there is patience. Nothing blocks if the
/// descriptor does not (`O_NONBLOCK`); one that others share must not be made so, hence what it takes is asked for
/// before each write of no more than a pipe takes whole.
func writePatiently(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, asksBefore: Bool, _ patience: WritePatience
) -> WriteResult {
  var result = WriteResult()
  while result.writtenBytes < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[result.writtenBytes...])
    if asksBefore, !patience.waitsOut(descriptor) { return result.stalled() }
    let count = Glibc.write(descriptor, rest.baseAddress, asksBefore ? min(rest.count, Int(PIPE_BUF)) : rest.count)
    if count >= 0 {
      result.writtenBytes += count
    } else if errno == EAGAIN {
      if !patience.waitsOut(descriptor) { return result.stalled() }
    } else if errno != EINTR {
      result.number = errno
      result.failure = FileFailure("write", errno: errno)
      return result
    }
  }
  return result
}

extension WriteResult {
  fileprivate func stalled() -> WriteResult {
    var result = self
    result.failure = FileFailure("nobody reads")
    return result
  }
}
