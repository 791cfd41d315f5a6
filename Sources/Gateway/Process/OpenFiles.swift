import Glibc

/// How many files and sockets the process may have open, and what part of them connections may take.
///
/// Without a reserve, senders' connections would take the last descriptor, and queues, destinations and health checks
/// would stand still with them.
struct OpenFiles: Sendable, Equatable {
  /// The most that may be open.
  let limit: Int
  /// What is left free for files, destinations and the admin port.
  let reserve: Int

  /// Connections to the admin port at most; health checks and a scraper need few.
  static let adminConnections = 64

  /// Shares out a limit of which `open` are taken already; `wanted` is what files and destinations come to at most. At
  /// least half of what is free is left to senders.
  init(limit: Int, open: Int, wanted: Int) {
    self.limit = limit
    reserve = max(min(wanted, (limit - open) / 2), 0)
  }

  /// Connections of senders need a descriptor below this.
  var endForSenders: Int { limit - reserve }
  /// Connections to the admin port need a descriptor below this.
  var endForAdmins: Int { limit - reserve / 2 }

  /// The soft and the hard limit of the process (getrlimit(2), `RLIMIT_NOFILE`).
  static func limits() -> (soft: Int, hard: Int) {
    var limits = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return (1024, 1024) }
    return (Int(clamping: limits.rlim_cur), Int(clamping: limits.rlim_max))
  }

  /// Raises the soft limit to the hard one; says what it was and is.
  static func raiseLimit() -> (before: Int, now: Int) {
    let before = limits()
    var limits = rlimit()
    limits.rlim_cur = rlim_t(before.hard)
    limits.rlim_max = rlim_t(before.hard)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    return (before.soft, self.limits().soft)
  }

  /// The lowest number that is free: so many are open at least.
  static func open() -> Int {
    let descriptor = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    close(descriptor)
    return Int(descriptor)
  }
}
