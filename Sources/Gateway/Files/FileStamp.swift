import Glibc

/// Which file is at a path, as far as the file system tells without reading it.
struct FileStamp: Sendable, Equatable {
  private let device: UInt
  private let inode: UInt
  private let bytes: Int
  private let seconds: Int
  private let nanoseconds: Int

  /// Nil if there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    bytes = Int(status.st_size)
    seconds = Int(status.st_mtim.tv_sec)
    nanoseconds = Int(status.st_mtim.tv_nsec)
  }
}
