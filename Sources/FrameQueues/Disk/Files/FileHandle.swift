/// An open file with the path it was opened by; closed with its last reference.
final class FileHandle: Sendable {
  let path: String
  private let files: any FileSystem
  private let file: Int32

  init(_ path: String, of files: any FileSystem, _ mode: FileMode) throws(FileError) {
    file = try files.open(path, mode)
    self.path = path
    self.files = files
  }

  deinit { files.close(file) }

  func write(_ parts: [UnsafeRawBufferPointer], at offset: Int) throws(FileError) {
    try unsafe files.write(parts, to: file, at: offset)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    try unsafe files.read(into: buffer, from: file, at: offset)
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    try unsafe bytes.withUnsafeBufferPointer { bytes throws(FileError) in
      try unsafe files.write([UnsafeRawBufferPointer(bytes)], to: file, at: offset)
    }
  }

  /// Reads up to `count` bytes; fewer if the file ends before.
  func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = try unsafe bytes.withUnsafeMutableBufferPointer { bytes throws(FileError) in
      try unsafe files.read(into: UnsafeMutableRawBufferPointer(bytes), from: file, at: offset)
    }
    return Array(bytes.prefix(read))
  }

  func forgetCached() { files.forgetCached(file) }
  func sync() throws(FileError) { try files.sync(file) }
  func truncate(to bytes: Int) throws(FileError) { try files.truncate(file, to: bytes) }
  /// Sets disk space aside for so many bytes.
  func allocate(_ bytes: Int) throws(FileError) { try files.allocate(file, upTo: bytes) }
  func size() throws(FileError) -> Int { try files.size(of: file) }
  func lastWritten() throws(FileError) -> Int { try files.lastWritten(file) }
  func lock() throws(FileError) -> Bool { try files.lock(file) }
  func unlock() { files.unlock(file) }
  /// The same file, to be written past the system's cache; nil if its file system cannot.
  var pageHandle: FileHandle? {
    do { return try FileHandle(path, of: files, .writePages) } catch { return nil }
  }
  /// False once the file has been removed or renamed, whether or not another has its name now.
  func isInPlace() throws(FileError) -> Bool {
    guard let named = try files.identity(at: path) else { return false }
    return try named == files.identity(of: file)
  }
}
