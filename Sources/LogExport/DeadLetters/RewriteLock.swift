import Glibc

/// Held by the one command that rewrites a file, and by whoever rotates it: a lock on `PATH.lock`, which the system
/// gives back when its holder dies.
struct RewriteLock {
  private let descriptor: Int32

  /// Nil if another holds it or it cannot be made.
  init?(of path: String) {
    let opened = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard opened >= 0 else { return nil }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      _ = close(opened)
      return nil
    }
    descriptor = opened
  }

  func release() { _ = close(descriptor) }
}
