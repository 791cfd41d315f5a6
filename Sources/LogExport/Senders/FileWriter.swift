import Glibc

/// Why a file could not be written.
struct FileFailure: Error, Equatable {
  let reason: String

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

  init(_ options: FileSenderOptions, time: ExportTime) {
    self.options = options
    self.time = time
  }

  /// Appends all of `bytes`, or nothing and says why.
  mutating func append(_ bytes: UnsafeRawBufferPointer) -> FileFailure? {
    do throws(FileFailure) {
      try openIfNeeded()
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
    let opened = open(options.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | truncates, 0o600)
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
    let backup = rotation.unusedBackup(of: options.path, unixMilliseconds: time.unixMilliseconds())
    guard rename(options.path, backup) == 0 else {
      throw FileFailure("cannot rename \(options.path) to \(backup)", errno: errno)
    }
    close()
    rotation.removeOldBackups(of: options.path, unixSeconds: time.unixSeconds())
    try openIfNeeded()
  }
}

extension FileFailure {
  fileprivate init(_ action: String, cause: FileFailure) {
    reason = "\(action): \(cause.reason)"
  }
}
