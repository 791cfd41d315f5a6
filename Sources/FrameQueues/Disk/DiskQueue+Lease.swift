/// Leases: from memory at once, else by the reading thread, so that whoever asks waits for no disk.
extension DiskQueue {
  /// What a lease comes to without asking the disk.
  private enum Step {
    case leased(FrameLease)
    case nothing
    case read(DiskLedger.Read)
  }

  /// Leases what is in memory, or says what to read; then `read` has to follow.
  private func nextStep(maxBytes: Int) -> Step {
    place.withLock { place in
      guard !place.isReading, var read = ledger.withLock({ $0.nextRead(from: &place.next, maxBytes: maxBytes) })
      else { return .nothing }
      if let run = recent.withLock({ $0.take(read.window) }) {
        let lease = ledger.withLock { $0.leased(run, of: read, moving: &place.next) }
        return lease.map { .leased($0) } ?? .nothing
      }
      read.window = recent.withLock { $0.inFile(read.window) }
      place.isReading = true
      place.readBegan = monotonicNow()
      return .read(read)
    }
  }

  /// Reads what `nextStep` said. There may be more to read if it held nothing to be leased; nil if that is not so.
  private func read(_ read: DiskLedger.Read) -> FrameLease?? {
    let passes = ledger.withLock { $0.passesUnreadable }
    let (run, failure) = reader.withLock { reader -> (FrameRun?, FileError?) in
      do throws(FileError) {
        return (try reader.read(read, passesUnreadable: passes), nil)
      } catch {
        reader.forgetFile()
        return (nil, error)
      }
    }
    return place.withLock { place in
      (place.isReading, place.readBegan) = (false, nil)
      return ledger.withLock { ledger in
        if let failure {
          ledger.readFailed(failure)
          return nil
        }
        guard let run else {
          ledger.skip(read, moving: &place.next)
          return .some(nil)
        }
        return .some(ledger.leased(run, of: read, moving: &place.next))
      }
    }
  }

  /// Leases, and reads for that until there is something to lease or nothing to read.
  private func leaseReading(_ first: Step, maxBytes: Int) -> FrameLease? {
    var step = first
    while true {
      switch step {
      case .leased(let lease): return lease
      case .nothing: return nil
      case .read(let read):
        guard let outcome = self.read(read) else {
          // The committing thread says when to try again.
          committing.raise()
          return nil
        }
        if let lease = outcome { return lease }
        step = nextStep(maxBytes: maxBytes)
      }
    }
  }

  package func lease(maxBytes: Int) -> FrameLease? {
    defer { news.tell() }
    return leaseReading(nextStep(maxBytes: maxBytes), maxBytes: maxBytes)
  }

  package func lease(maxBytes: Int, _ done: @escaping @Sendable (FrameLease?) -> Void) {
    let step = nextStep(maxBytes: maxBytes)
    if case .read(let read) = step, ask(read, maxBytes, done) { return reading.raise() }
    let lease = leaseReading(step, maxBytes: maxBytes)
    news.tell()
    done(lease)
  }

  /// Leaves a read to the reading thread; false if there is none. Once that has ended, `shutdown` looks whether it was
  /// asked meanwhile.
  private func ask(
    _ read: DiskLedger.Read, _ maxBytes: Int, _ done: @escaping @Sendable (FrameLease?) -> Void
  ) -> Bool {
    place.withLock { place in
      guard reading.isRunning else { return false }
      place.asked = (read, maxBytes, done)
      return true
    }
  }

  /// A round of the reading thread.
  func readWhatIsAsked() {
    let (asked, isTrimAsked) = place.withLock { place in
      defer { (place.asked, place.isTrimAsked) = (nil, false) }
      return (place.asked, place.isTrimAsked)
    }
    if isTrimAsked { reader.withLock { $0.trim() } }
    guard let asked else { return }
    let lease = leaseReading(.read(asked.read), maxBytes: asked.maxBytes)
    news.tell()
    asked.done(lease)
  }

  package func trim() {
    recent.withLock { $0.trim() }
    place.withLock { $0.isTrimAsked = true }
    if reading.isRunning { reading.raise() } else { readWhatIsAsked() }
  }
}
