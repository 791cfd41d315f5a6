import Glibc

/// The exclusive lock of a queue directory: its file `LOCK`, which names the process that holds it.
final class DirectoryLock: Sendable {
  static let name = "LOCK"
  private let directory: String
  private let handle: FileHandle

  private init(_ directory: String, _ handle: FileHandle) {
    self.directory = directory
    self.handle = handle
  }

  /// Throws unless the file that is locked is the one in the directory: else the directory is another now, or gone, and
  /// may be somebody else's.
  func check() throws(FileError) {
    if try handle.isInPlace() { return }
    throw FileError("use", ESTALE, path: "\(directory), which is not the folder that was opened")
  }

  /// Takes the lock; nil with the other process's id if another holds it.
  static func take(in directory: String, of files: any FileSystem) throws(DiskQueueError) -> DirectoryLock {
    do {
      let handle = try FileHandle(directory + "/" + name, of: files, .readWriteOrCreate)
      if try handle.lock() {
        try handle.truncate(to: 0)
        try handle.write(Array("\(getpid())\n".utf8), at: 0)
        return DirectoryLock(directory, handle)
      }
      throw DiskQueueError.locked(directory: directory, processID: try holder(in: handle))
    } catch let error as FileError {
      throw .file(error)
    } catch let error as DiskQueueError {
      throw error
    } catch {
      throw .file(FileError("lock", 0, path: directory))
    }
  }

  /// The process id that the lock's holder wrote.
  private static func holder(in handle: FileHandle) throws(FileError) -> String {
    let digits = try handle.read(20, at: 0).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return digits.isEmpty ? "of unknown id" : String(decoding: Array(digits), as: UTF8.self)
  }

  /// Gives the lock back.
  func release() { handle.unlock() }
}
