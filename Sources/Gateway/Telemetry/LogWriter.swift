import Glibc

/// Writes lines of the gateway's own log on a thread of its own, so that whoever logs never waits: not for a pipe that
/// nobody reads, nor for a disk that hangs. What does not fit the memory for waiting lines is left out and counted, and
/// the log says so once it is read again.
package final class LogWriter: Sendable {
  /// That of the process.
  package static let standardError = LogWriter(descriptor: STDERR_FILENO)

  /// Lines that wait may take so much memory, and what each takes besides its bytes.
  static let maxWaitingBytes = 1 << 20
  fileprivate static let lineOverheadBytes = 64
  /// With so much waiting nobody seems to read, and a line that comes again is only counted.
  fileprivate static let pressedBytes = 64 << 10
  /// So much is written at once.
  fileprivate static let writeBytes = 64 << 10

  fileprivate struct Line {
    let bytes: [UInt8]
    /// All of it but the time.
    let content: ArraySlice<UInt8>
    /// How often it came again.
    var repetitions = 0

    var memoryBytes: Int { bytes.count + LogWriter.lineOverheadBytes }
  }

  fileprivate struct State {
    var lines: [Line] = []
    var waitingBytes = 0
    var isWriting = false
    var hasThread = false
    var isFailing = false
    /// Left out since the start, and how many of them the log has told of.
    var dropped = 0
    var told = 0
    /// How lines about the log itself look.
    var format: OwnLog.Format = OwnLog.console
  }

  private let descriptor: Int32
  private let state = Monitor(State())

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Lines left out: they came while too many waited, or could not be written.
  package var droppedLines: Int { state.change { $0.dropped } }

  /// Sets how lines about the log itself look.
  func setFormat(_ format: @escaping OwnLog.Format) { state.change { $0.format = format } }

  /// Has a line written that ends with a line end. What stands before `contentFrom` bytes of it tells the time.
  package func write(_ line: String, contentFrom timeBytes: Int = 0) {
    let bytes = Array(line.utf8)
    let isStarting = state.change { state in
      state.append(Line(bytes: bytes, content: bytes.dropFirst(timeBytes)))
      defer { state.hasThread = true }
      return !state.hasThread
    }
    guard isStarting else { return }
    if !SystemThread.start({ self.writeForEver() }) { state.change { $0.hasThread = false } }
  }

  /// Waits until all lines are written, for so long at most. For threads that may wait.
  package func flush(within limit: Duration = .seconds(1)) {
    _ = state.wait(for: limit) { $0.lines.isEmpty && !$0.isWriting ? true : nil }
  }

  private func writeForEver() {
    var isTorn = false
    while let bytes = state.wait(for: nil, { $0.take() }) {
      let all = isTorn ? [UInt8(ascii: "\n")] + bytes : bytes
      let written = write(all)
      // Every line that is not written to its end is lost.
      let lost = all[written...].count { $0 == UInt8(ascii: "\n") }
      isTorn = written > 0 ? all[written - 1] != UInt8(ascii: "\n") : isTorn
      state.change { state in
        state.isWriting = false
        state.isFailing = lost > 0
        state.dropped &+= lost
      }
    }
  }

  /// Writes as much as can be written and returns how much that was.
  private func write(_ bytes: [UInt8]) -> Int {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        done += count
      } else if count < 0, errno == EAGAIN {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wanted, 1, 1000)
      } else if count == 0 || errno != EINTR {
        break
      }
    }
    return done
  }
}

extension LogWriter.State {
  fileprivate mutating func append(_ line: LogWriter.Line) {
    if waitingBytes > LogWriter.pressedBytes, let last = lines.indices.last, lines[last].content == line.content {
      lines[last].repetitions &+= 1
      return
    }
    guard waitingBytes + line.memoryBytes <= LogWriter.maxWaitingBytes else {
      dropped &+= 1
      return
    }
    tellOfDropped()
    lines.append(line)
    waitingBytes += line.memoryBytes
  }

  /// Says in the log that lines are missing there.
  private mutating func tellOfDropped() {
    guard dropped > told else { return }
    let notice = notice("log lines were left out", ["lines": "\(dropped - told)"])
    told = dropped
    lines.append(notice)
    waitingBytes += notice.memoryBytes
  }

  private func notice(_ message: String, _ fields: [String: String]) -> LogWriter.Line {
    let text = format(OwnLog.now(), .warning, message, fields.map { ($0.key, $0.value) })
    return LogWriter.Line(bytes: Array(text.utf8), content: [])
  }

  /// Takes out what is to be written next; nil if nothing is.
  fileprivate mutating func take() -> [UInt8]? {
    // Where nothing can be written, saying so again and again would not end.
    if lines.isEmpty, !isFailing { tellOfDropped() }
    var bytes: [UInt8] = []
    var count = 0
    while count < lines.count, bytes.isEmpty || bytes.count + lines[count].bytes.count <= LogWriter.writeBytes {
      bytes += lines[count].bytes
      if lines[count].repetitions > 0 {
        bytes += notice("the last log line came again", ["times": "\(lines[count].repetitions)"]).bytes
      }
      waitingBytes -= lines[count].memoryBytes
      count += 1
    }
    lines.removeFirst(count)
    isWriting = count > 0
    return count > 0 ? bytes : nil
  }
}
