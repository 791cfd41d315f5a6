import Glibc

/// Held by the one command that rewrites a file, or by those that rotate it: a lock on `PATH.lock`, which the system
/// gives back when its holder dies.
struct RewriteLock {
  private let descriptor: Int32

  /// Nil if another holds it or it cannot be made. Several may hold it who rotate the file: they take turns by the lock
  /// of the file itself.
  init?(of path: String, forRotation isShared: Bool = false) {
    let opened = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else { return nil }
    guard flock(opened, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
      let number = errno
      _ = close(opened)
      errno = number
      return nil
    }
    Self.leave(opened, toOwnerOf: path)
    descriptor = opened
  }

  func release() { _ = close(descriptor) }

  /// A lock that a command of root has made has to be of use to the gateway too: whoever has the file has its lock.
  private static func leave(_ lock: Int32, toOwnerOf path: String) {
    var (file, held) = (stat(), stat())
    guard stat(path, &file) == 0, fstat(lock, &held) == 0, held.st_mode & S_IFMT == S_IFREG, held.st_nlink == 1 else {
      return
    }
    if held.st_uid != file.st_uid || held.st_gid != file.st_gid { _ = FileOwner(file).give(to: lock) }
  }
}
