import Glibc

/// Whoever a folder belongs to is to have the files in it: a command of root may have made some.
enum FolderOwner {
  /// Gives what root made in the folder to its owner; what cannot be given stays as it is.
  static func leaveFiles(of folder: String) {
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0, let listing = fdopendir(directory) else { return }
    defer { closedir(listing) }
    var owner = stat()
    guard geteuid() == 0, fstat(directory, &owner) == 0, owner.st_uid != 0 else { return }
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      // Neither a link nor a file that is also somewhere else, which its owner may have put there to be given it.
      let file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard file >= 0 else { continue }
      defer { close(file) }
      var status = stat()
      guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1, status.st_uid == 0
      else { continue }
      _ = fchown(file, owner.st_uid, owner.st_gid)
    }
  }
}
