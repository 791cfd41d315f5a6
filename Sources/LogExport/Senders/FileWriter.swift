import Glibc

/// Why a file could not be read or written.
package struct FileFailure: Error, Equatable, CustomStringConvertible {
  package let reason: String

  package var description: String { reason }

  init(_ action: String, errno code: Int32) {
    reason = "\(action): \(String(cString: strerror(code)))"
  }
}

/// A file that bodies are appended to whole, and rotated by size. One thread uses it at a time.
struct FileWriter {
  private let options: FileSenderOptions
  private let time: ExportTime
  private var descriptor: Int32 = -1
  private var inode: ino_t = 0
  private var isRegular = false
  private var sizeBytes = 0
  private var isFirstOpen = true
  private let willRemoveBackup: @Sendable (String) -> Void

  init(
    _ options: FileSenderOptions, time: ExportTime, willRemoveBackup: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.options = options
    self.time = time
    self.willRemoveBackup = willRemoveBackup
  }

  /// Appends all of `bytes`, or nothing and says why.
  mutating func append(_ bytes: UnsafeRawBufferPointer) -> FileFailure? {
    do throws(FileFailure) {
      try openAndLock()
      defer { unlock() }
      if let rotation = options.rotation, isRegular, sizeBytes > 0, sizeBytes + bytes.count > rotation.maxBytes {
        try rotate(rotation)
      }
      try write(bytes)
      return nil
    } catch {
      return error
    }
  }

  mutating func close() {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Opens the file and, if it is shared, takes its lock, with the file still standing at its path.
  private mutating func openAndLock() throws(FileFailure) {
    for _ in 0..<100 {
      try openIfNeeded()
      guard options.isShared, isRegular else { return }
      while flock(descriptor, LOCK_EX) != 0 {
        if errno != EINTR { throw FileFailure("cannot lock \(options.path)", errno: errno) }
      }
      var status = stat()
      if stat(options.path, &status) == 0, status.st_ino == inode {
        sizeBytes = Int(status.st_size)
        return
      }
      close()
    }
    throw FileFailure("cannot lock \(options.path)", errno: EAGAIN)
  }

  private func unlock() {
    if options.isShared, descriptor >= 0 { _ = flock(descriptor, LOCK_UN) }
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
    var failure = Self.write(bytes, to: descriptor)
    if failure == nil, options.syncs, isRegular, fdatasync(descriptor) != 0 {
      failure = FileFailure("cannot sync", errno: errno)
    }
    guard let failure else {
      sizeBytes += bytes.count
      return
    }
    // Take back what a full disk let through, so that a repetition does not follow half a record.
    if isRegular { _ = ftruncate(descriptor, off_t(sizeBytes)) }
    close()
    throw FileFailure("cannot write \(bytes.count) bytes to \(options.path)", cause: failure)
  }

  /// Writes all of `bytes`; nil if that went well.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> FileFailure? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        return FileFailure("write", errno: errno)
      }
      rest = rest.dropFirst(count)
    }
    return nil
  }

  /// Opens the file unless the one that is open still stands at its path.
  private mutating func openIfNeeded() throws(FileFailure) {
    var status = stat()
    if descriptor >= 0, stat(options.path, &status) == 0, status.st_ino == inode { return }
    close()
    if options.createsDirectory { try makeDirectory() }
    let truncates = options.truncates && isFirstOpen ? O_TRUNC : 0
    let opened = open(
      options.path, (options.isShared ? O_RDWR : O_WRONLY) | O_APPEND | O_CREAT | O_CLOEXEC | truncates, 0o600)
    guard opened >= 0 else { throw FileFailure("cannot open \(options.path)", errno: errno) }
    guard fstat(opened, &status) == 0 else {
      defer { _ = Glibc.close(opened) }
      throw FileFailure("cannot open \(options.path)", errno: errno)
    }
    isFirstOpen = false
    descriptor = opened
    inode = status.st_ino
    isRegular = status.st_mode & S_IFMT == S_IFREG
    sizeBytes = Int(status.st_size)
    if options.isShared, isRegular, sizeBytes > 0 { try endLastLine() }
    if options.syncs, isRegular, sizeBytes == 0 { Self.syncFolder(of: options.path) }
  }

  /// Makes a new name survive a power cut.
  static func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { return }
    _ = fsync(opened)
    _ = Glibc.close(opened)
  }

  /// Ends a line that a crash or a lost disk left half written, so that the next does not become a part of it.
  private func endLastLine() throws(FileFailure) {
    var last: UInt8 = 0
    guard pread(descriptor, &last, 1, off_t(sizeBytes - 1)) == 1, last != UInt8(ascii: "\n") else { return }
    let failure = withUnsafeBytes(of: UInt8(ascii: "\n")) { Self.write($0, to: descriptor) }
    if let failure { throw failure }
  }

  private func makeDirectory() throws(FileFailure) {
    var made = ""
    for part in options.path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      made += "\(part)/"
      if made != "/", mkdir(made, 0o700) != 0, errno != EEXIST {
        throw FileFailure("cannot make the folder \(made)", errno: errno)
      }
    }
  }

  private mutating func rotate(_ rotation: FileRotation) throws(FileFailure) {
    let lock = options.isShared ? RewriteLock(of: options.path) : nil
    if options.isShared, lock == nil {
      if sizeBytes < rotation.maxBytes * 2 { return }
      throw FileFailure("cannot rotate \(options.path) while a command rewrites it", errno: EBUSY)
    }
    let backup = rotation.unusedBackup(of: options.path, unixMilliseconds: time.unixMilliseconds())
    guard rename(options.path, backup) == 0 else {
      defer { lock?.release() }
      throw FileFailure("cannot rename \(options.path) to \(backup)", errno: errno)
    }
    close()
    rotation.removeOldBackups(of: options.path, unixSeconds: time.unixSeconds(), willRemove: willRemoveBackup)
    lock?.release()
    try openAndLock()
  }
}

extension FileFailure {
  fileprivate init(_ action: String, cause: FileFailure) {
    reason = "\(action): \(cause.reason)"
  }
}
