import Glibc

/// Whom a file belongs to and who may use it.
struct FileOwner {
  private let user: uid_t
  private let group: gid_t
  private let mode: mode_t

  init(_ status: stat) {
    user = status.st_uid
    group = status.st_gid
    mode = status.st_mode & 0o7777
  }

  /// Makes another file, which is new, belong to the same. False if that is not allowed; `errno` says why.
  func give(to descriptor: Int32) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    if status.st_uid != user || status.st_gid != group {
      guard fchown(descriptor, user, group) == 0 else { return false }
    }
    return fchmod(descriptor, mode) == 0
  }
}
