import Glibc

/// The calls a disk queue makes to the operating system, so that tests can fail them and cut the power.
///
/// Paths are absolute or relative to the process; offsets and sizes are in bytes. All may be called from any thread.
package protocol FileSystem: Sendable {
  /// Opens a regular file and returns a handle for it; anything else is refused without waiting for it.
  func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32
  func close(_ file: Int32)
  /// Writes all parts one after the other, or throws; what was written of them before an error is unknown.
  func write(_ parts: [UnsafeRawBufferPointer], to file: Int32, at offset: Int) throws(FileError)
  /// Reads until `buffer` is full or the file ends, and returns how many bytes that were.
  func read(into buffer: UnsafeMutableRawBufferPointer, from file: Int32, at offset: Int) throws(FileError) -> Int
  /// Returns once what was written to the file survives a power cut.
  func sync(_ file: Int32) throws(FileError)
  /// Returns once the files created, renamed and removed in a directory survive a power cut as such.
  func syncDirectory(_ path: String) throws(FileError)
  /// Has the next reads of a file ask the disk, as far as the system can do that.
  func forgetCached(_ file: Int32)
  func truncate(_ file: Int32, to bytes: Int) throws(FileError)
  /// Sets disk space aside for a file up to `bytes`, without changing its size.
  func allocate(_ file: Int32, upTo bytes: Int) throws(FileError)
  func size(of file: Int32) throws(FileError) -> Int
  /// When a file was last written, in seconds since 1970.
  func lastWritten(_ file: Int32) throws(FileError) -> Int
  /// Which file a handle is of.
  func identity(of file: Int32) throws(FileError) -> FileIdentity
  /// Which file has that name; nil if none has, and an error if that could not be found out.
  func identity(at path: String) throws(FileError) -> FileIdentity?
  /// Whether there is a file of that name; an error says that this could not be found out.
  func exists(_ path: String) throws(FileError) -> Bool
  /// Bytes that the file system of a directory has free for this process.
  func freeBytes(in directory: String) throws(FileError) -> Int
  func remove(_ path: String) throws(FileError)
  /// Gives a file another name. It is an error if something has that name.
  func rename(_ path: String, to newPath: String) throws(FileError)
  /// The names of the files in a directory, in any order.
  func names(in directory: String) throws(FileError) -> [String]
  /// Creates a directory in one that exists. False if there is something of that name.
  func makeDirectory(_ path: String) throws(FileError) -> Bool
  /// Takes an exclusive lock on a file until it is closed or the process ends. False if another holds it.
  func lock(_ file: Int32) throws(FileError) -> Bool
  func unlock(_ file: Int32)
}

/// What tells a file from all others, whatever their names.
package struct FileIdentity: Sendable, Equatable {
  package let device: UInt64
  package let inode: UInt64

  package init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}

/// What a file is opened for.
package enum FileMode: Sendable {
  case read
  case readWrite
  /// Reading and writing, created if there is none.
  case readWriteOrCreate
  /// Reading and writing a file that must not exist yet.
  case createNew
  /// Writing past the system's cache: whole pages from memory that begins with one. Not every file system can.
  case writePages
}

/// A call to the operating system that failed.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was tried, such as `write`.
  package let action: String
  /// The error number of the system, such as `ENOSPC`.
  package let number: Int32
  /// What it was tried on, as far as it is known by name.
  package let path: String

  package init(_ action: String, _ number: Int32, path: String = "") {
    self.action = action
    self.number = number
    self.path = path
  }

  /// True if the disk itself did not give back what lies on it; anything else may pass, and says nothing of the data.
  var isOfTheMedium: Bool { action == Self.read && number == EIO }
  static let read = "read"

  /// The error of a path that names a pipe, a device or a directory where a file is expected.
  static func notRegular(_ path: String) -> FileError { FileError(use, 0, path: path) }
  private static let use = "use as a regular file"

  package var description: String {
    if action == Self.use { return "\(path) is not a regular file" }
    return "cannot \(action)\(path.isEmpty ? "" : " ")\(path): \(systemMessage(number)) (errno \(number))"
  }
}

extension FileSystem {
  /// Creates a directory and those above it that are missing, and has them survive a power cut.
  func makeDirectories(_ path: String) throws(FileError) {
    let parent = Self.parent(of: path)
    var isNew = false
    do throws(FileError) {
      isNew = try makeDirectory(path)
    } catch {
      guard error.number == ENOENT, parent != path else { throw error }
      try makeDirectories(parent)
      isNew = try makeDirectory(path)
    }
    do throws(FileError) {
      // The process that made it may have ended before this.
      try syncDirectory(parent)
    } catch {
      // What is above a directory that was there may be nobody's to read.
      if isNew || error.number != EACCES && error.number != EPERM { throw error }
    }
  }

  /// The directory that a path lies in.
  static func parent(of path: String) -> String {
    var parent = Substring(path)
    while parent.count > 1, parent.hasSuffix("/") { parent.removeLast() }
    guard let slash = parent.lastIndex(of: "/") else { return "." }
    return slash == parent.startIndex ? "/" : String(parent[..<slash])
  }
}
