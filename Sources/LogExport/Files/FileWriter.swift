import Glibc

/// Why a file could not be read or written.
package struct FileFailure: Error, Equatable, CustomStringConvertible {
  package let reason: String

  package var description: String { reason }

  init(_ action: String, errno code: Int32) {
    reason = "\(action): \(String(cString: strerror(code)))"
  }

  init(_ reason: String) { self.reason = reason }
}

/// A file that bodies are appended to whole, and rotated by size. One thread uses it at a time.
///
/// A pipe, terminal or the like may stand in its place: it is opened and written to only as long as somebody reads.
struct FileWriter {
  private let options: FileSenderOptions
  private let time: ExportTime
  private var descriptor: Int32 = -1
  private var inode: ino_t = 0
  private var isRegular = false
  private var sizeBytes = 0
  private var isFirstOpen = true
  /// True if a part of a body may stand at the end, so that the next has to begin a line of its own.
  private var isTorn = false
  private let removeBackup: @Sendable (String) -> Void

  init(
    _ options: FileSenderOptions, time: ExportTime,
    removeBackup: @escaping @Sendable (String) -> Void = { _ = unlink($0) }
  ) {
    self.options = options
    self.time = time
    self.removeBackup = removeBackup
  }

  /// Appends all of `bytes`, or nothing and says why.
  mutating func append(
    _ bytes: UnsafeRawBufferPointer, _ patience: WritePatience = WritePatience(stall: .seconds(30))
  ) -> FileFailure? {
    do throws(FileFailure) {
      try openAndLock()
      defer { unlock() }
      // Others that share the file may fill the new one before this one has its lock.
      while let rotation = options.rotation, isFull(for: bytes.count, rotation), try rotate(rotation) {}
      try write(bytes, patience)
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

  private mutating func write(_ bytes: UnsafeRawBufferPointer, _ patience: WritePatience) throws(FileFailure) {
    var result = WriteResult()
    if isTorn {
      result = withUnsafeBytes(of: UInt8(ascii: "\n")) {
        writePatiently($0, to: descriptor, asksBefore: false, patience)
      }
      sizeBytes += result.writtenBytes
      isTorn = result.failure != nil
    }
    if result.failure == nil {
      result = writePatiently(bytes, to: descriptor, asksBefore: false, patience)
      if result.failure == nil, options.syncs, isRegular, fdatasync(descriptor) != 0 {
        result.failure = FileFailure("cannot sync", errno: errno)
      }
      if result.failure != nil { takeBack(result, of: bytes) }
    }
    guard let failure = result.failure else {
      sizeBytes += bytes.count
      return
    }
    close()
    throw FileFailure("cannot write \(bytes.count) bytes to \(options.path)", cause: failure)
  }

  /// Takes back what a full disk let through, so that a repetition does not follow half a record. Only bytes that are
  /// ours for sure are cut off: others may have cut or written to the file meanwhile.
  private mutating func takeBack(_ result: WriteResult, of bytes: UnsafeRawBufferPointer) {
    let written = result.writtenBytes
    guard written > 0 else { return }
    // Who reads a pipe anew begins a line anyway.
    isTorn = bytes[written - 1] != UInt8(ascii: "\n") && result.number != EPIPE
    var status = stat()
    guard isRegular, fstat(descriptor, &status) == 0, Int(status.st_size) == sizeBytes + written else { return }
    if ftruncate(descriptor, off_t(sizeBytes)) == 0 { isTorn = false }
  }

  /// Writes all of `bytes` to a file; nil if that went well.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> FileFailure? {
    writePatiently(bytes, to: descriptor, asksBefore: false, WritePatience(stall: .seconds(30))).failure
  }

  /// Opens the file unless the one that is open still stands at its path.
  private mutating func openIfNeeded() throws(FileFailure) {
    var status = stat()
    let isThere = stat(options.path, &status) == 0
    if descriptor >= 0, isThere, status.st_ino == inode {
      // Another program may have cut it or written to it.
      sizeBytes = Int(status.st_size)
      return
    }
    close()
    if isThere { try checkKind(status) }
    if options.createsDirectory { try makeDirectory() }
    let opened = open(options.path, openFlags, 0o600)
    if opened < 0, errno == ENXIO, isThere, status.st_mode & S_IFMT == S_IFIFO {
      throw FileFailure("cannot open \(options.path): nobody reads it")
    }
    guard opened >= 0 else { throw FileFailure("cannot open \(options.path)", errno: errno) }
    guard fstat(opened, &status) == 0 else {
      defer { _ = Glibc.close(opened) }
      throw FileFailure("cannot open \(options.path)", errno: errno)
    }
    do { try checkKind(status) } catch {
      _ = Glibc.close(opened)
      throw error
    }
    isFirstOpen = false
    descriptor = opened
    if status.st_ino != inode { isTorn = false }
    inode = status.st_ino
    isRegular = status.st_mode & S_IFMT == S_IFREG
    sizeBytes = Int(status.st_size)
    if options.isShared, isRegular, sizeBytes > 0 { endLastLine() }
    if options.syncs, isRegular, sizeBytes == 0 { Self.syncFolder(of: options.path) }
  }

  /// What is shared is a file that keeps what it is given: no pipe or device, which what was written is gone with. A
  /// folder fails to open by itself.
  private func checkKind(_ status: stat) throws(FileFailure) {
    let kind = status.st_mode & S_IFMT
    if options.isShared, kind != S_IFREG, kind != S_IFDIR {
      throw FileFailure("\(options.path) is not a regular file")
    }
  }

  /// Without waiting: a pipe that nobody reads does not hold up the start or the end of the process.
  private var openFlags: Int32 {
    let access = options.isShared ? O_RDWR : O_WRONLY
    let truncates = options.truncates && isFirstOpen ? O_TRUNC : 0
    return access | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | truncates
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
  private mutating func endLastLine() {
    var last: UInt8 = 0
    guard pread(descriptor, &last, 1, off_t(sizeBytes - 1)) == 1, last != UInt8(ascii: "\n") else { return }
    isTorn = true
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

  private func isFull(for byteCount: Int, _ rotation: FileRotation) -> Bool {
    isRegular && sizeBytes > 0 && sizeBytes + byteCount > rotation.maxBytes
  }

  /// False if a command rewrites the file, which may grow meanwhile.
  private mutating func rotate(_ rotation: FileRotation) throws(FileFailure) -> Bool {
    let lock = options.isShared ? RewriteLock(of: options.path, forRotation: true) : nil
    if options.isShared, lock == nil {
      if sizeBytes < rotation.maxBytes * 2 { return false }
      throw FileFailure("cannot rotate \(options.path) while a command rewrites it", errno: EBUSY)
    }
    var status = stat()
    let hasStatus = fstat(descriptor, &status) == 0
    let backup = rotation.unusedBackup(of: options.path, unixMilliseconds: time.unixMilliseconds())
    guard rename(options.path, backup) == 0 else {
      defer { lock?.release() }
      throw FileFailure("cannot rename \(options.path) to \(backup)", errno: errno)
    }
    close()
    rotation.removeOldBackups(of: options.path, unixSeconds: time.unixSeconds(), by: removeBackup)
    lock?.release()
    try openAndLock()
    // Whoever may read and write the file may go on doing so; where that cannot be had it is not worth a failure.
    if hasStatus, sizeBytes == 0 { _ = FileOwner(status).give(to: descriptor) }
    return true
  }
}

extension FileFailure {
  fileprivate init(_ action: String, cause: FileFailure) {
    reason = "\(action): \(cause.reason)"
  }
}
