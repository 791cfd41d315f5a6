/// Whether the disk of a queue takes writes and can be read, as far as is known.
struct DiskHealth {
  /// Why it does not take writes.
  private(set) var fault: FileError?
  /// Why the oldest segment cannot be read; nil while that is tried again.
  private(set) var readFault: FileError?
  /// How often in a row that was tried, and at how many attempts up to the last the disk itself gave nothing back.
  private(set) var readAttempts = 0
  private var mediumFaults = 0
  private var trouble = DiskTrouble()
  /// When the round of the committing thread that is under way began.
  private var roundBegan: Duration?

  /// When there may be something to say although nothing fails.
  var due: Duration? { trouble.due }

  /// For how long the disk has not answered, if that is too long.
  func hangTime(at now: Duration) -> Duration? {
    roundBegan.map { now - $0 }.flatMap { $0 > DiskQueueOptions.patience ? $0 : nil }
  }

  /// True once the disk has so often given back no page of a file that it opens that such pages are passed.
  func passesUnreadable(after attempts: Int) -> Bool { mediumFaults >= attempts && fault == nil }

  mutating func roundBegins(at now: Duration) { roundBegan = now }
  mutating func roundEnds() { roundBegan = nil }

  /// What is to be said of failures; once in a round.
  mutating func news(at now: Duration) -> DiskQueueEvent? {
    trouble.news(at: now, isOver: fault == nil && readFault == nil && readAttempts == 0)
  }

  mutating func writeFailed(_ error: FileError) {
    fault = error
    trouble.note(error, .writing)
  }

  mutating func takesWrites() { fault = nil }

  mutating func readFailed(_ error: FileError) {
    readAttempts += 1
    mediumFaults = error.isOfTheMedium ? mediumFaults + 1 : 0
    readFault = error
    trouble.note(error, .reading)
  }

  /// Lets leases be read again, which shows whether they can be.
  mutating func triesReading() { readFault = nil }

  mutating func readSucceeded() { (readAttempts, mediumFaults) = (0, 0) }
}
