/// What is said of a disk that fails: at once, then once a minute as long as it goes on failing, whatever works
/// between, and that it is over once nothing has failed for a while. So a full disk, on which each second something
/// finds room and something else does not, is told once and not each second.
struct DiskTrouble {
  static let reminder = Duration.seconds(60)
  static let calm = Duration.seconds(5)

  /// What failed last, and whether that was since the round before.
  private var latest: DiskQueueEvent?
  private var isNew = false
  /// When that was, and when it was said; nil if it was not.
  private var last = Duration.zero
  private var told: Duration?

  mutating func note(_ event: DiskQueueEvent) { (latest, isNew) = (event, true) }

  /// When there may be something to say although nothing fails.
  var due: Duration? { told.map { _ in last + Self.calm } }

  /// What is to be said now; `isOver` if nothing is known to fail any more.
  mutating func news(at now: Duration, isOver: Bool) -> DiskQueueEvent? {
    let fails = isNew || !isOver
    isNew = false
    if fails {
      last = now
      guard let latest, told.map({ now - $0 >= Self.reminder }) ?? true else { return nil }
      told = now
      return latest
    }
    guard told != nil, now - last >= Self.calm else { return nil }
    told = nil
    return .recovered
  }
}
