/// What is said of a disk that fails: at once, then once a minute as long as it goes on failing, whatever works
/// between, and that it is over once nothing has failed for a while. So a full disk, on which each second something
/// finds room and something else does not, is told once and not each second. That it cannot be read is told beside that
/// it cannot be written.
struct DiskTrouble {
  static let reminder = Duration.seconds(60)
  static let calm = Duration.seconds(5)

  /// What a disk fails to do; in the order in which it is told.
  enum Kind: CaseIterable {
    case writing
    case reading

    fileprivate func event(_ error: FileError) -> DiskQueueEvent {
      switch self {
      case .writing: .failed(error)
      case .reading: .unreadable(error)
      }
    }
  }

  /// Failures of one kind.
  private struct Failures {
    /// What failed last, and whether that was since it was last looked at.
    var latest: FileError?
    var isNew = false
    /// When it was said; nil if it was not.
    var told: Duration?

    /// What is to be said now.
    mutating func news(at now: Duration) -> FileError? {
      isNew = false
      guard let latest, told.map({ now - $0 >= DiskTrouble.reminder }) ?? true else { return nil }
      told = now
      return latest
    }
  }

  private var failures: [Kind: Failures] = [:]
  /// What failed last, and when something last did.
  private var lastKind = Kind.writing
  private var last = Duration.zero
  private var isTold: Bool { failures.values.contains { $0.told != nil } }

  mutating func note(_ error: FileError, _ kind: Kind) {
    lastKind = kind
    failures[kind, default: Failures()].latest = error
    failures[kind]?.isNew = true
  }

  /// When there may be something to say although nothing fails.
  var due: Duration? { isTold ? last + Self.calm : nil }

  /// What is to be said now; `isOver` if nothing is known to fail any more.
  mutating func news(at now: Duration, isOver: Bool) -> DiskQueueEvent? {
    let new = Kind.allCases.filter { failures[$0]?.isNew ?? false }
    if !new.isEmpty || !isOver {
      last = now
      for kind in new + [lastKind] {
        if let error = failures[kind]?.news(at: now) { return kind.event(error) }
      }
      return nil
    }
    guard isTold, now - last >= Self.calm else { return nil }
    failures = [:]
    return .recovered
  }
}
