/// What is said of a disk that fails: at once, then once a minute as long as it goes on failing, whatever works
/// between, and that it is over once nothing has failed for a while. So a full disk, on which each second something
/// finds room and something else does not, is told once and not each second. That it cannot be read is told beside that
/// it cannot be written.
struct DiskTrouble {
  static let reminder = Duration.seconds(60)
  static let calm = Duration.seconds(5)

  /// Failures of one kind.
  private struct Kind {
    /// What failed last, and whether that was since it was last looked at.
    var latest: DiskQueueEvent?
    var isNew = false
    /// When it was said; nil if it was not.
    var told: Duration?

    /// What is to be said now.
    mutating func news(at now: Duration) -> DiskQueueEvent? {
      isNew = false
      guard let latest, told.map({ now - $0 >= DiskTrouble.reminder }) ?? true else { return nil }
      told = now
      return latest
    }
  }

  private var writing = Kind()
  private var reading = Kind()
  /// Whether what failed last was a read.
  private var isReading = false
  /// When something last failed.
  private var last = Duration.zero
  private var isTold: Bool { writing.told != nil || reading.told != nil }

  mutating func note(_ event: DiskQueueEvent) {
    if case .unreadable = event { isReading = true } else { isReading = false }
    if isReading {
      (reading.latest, reading.isNew) = (event, true)
    } else {
      (writing.latest, writing.isNew) = (event, true)
    }
  }

  /// When there may be something to say although nothing fails.
  var due: Duration? { isTold ? last + Self.calm : nil }

  /// What is to be said now; `isOver` if nothing is known to fail any more.
  mutating func news(at now: Duration, isOver: Bool) -> DiskQueueEvent? {
    if writing.isNew || reading.isNew || !isOver {
      last = now
      if writing.isNew, let news = writing.news(at: now) { return news }
      if reading.isNew, let news = reading.news(at: now) { return news }
      return isReading ? reading.news(at: now) : writing.news(at: now)
    }
    guard isTold, now - last >= Self.calm else { return nil }
    writing.told = nil
    reading.told = nil
    return .recovered
  }
}
