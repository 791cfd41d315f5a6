import FrameQueues

/// An open file of a store; closed with its last reference.
final class StoreFile: BlockBytes, Sendable {
  let path: String
  private let files: any FileSystem
  private let file: Int32

  init(_ path: String, of files: any FileSystem, _ mode: FileMode) throws(FileError) {
    file = try files.open(path, mode)
    self.path = path
    self.files = files
  }

  deinit { files.close(file) }

  func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = try bytes.withUnsafeMutableBufferPointer { bytes throws(FileError) in
      try files.read(into: UnsafeMutableRawBufferPointer(bytes), from: file, at: offset)
    }
    if read < count { bytes.removeLast(count - read) }
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    try bytes.withUnsafeBufferPointer { bytes throws(FileError) in
      try files.write([UnsafeRawBufferPointer(bytes)], to: file, at: offset)
    }
  }

  func sync() throws(FileError) { try files.sync(file) }
  func truncate(to bytes: Int) throws(FileError) { try files.truncate(file, to: bytes) }
  func size() throws(FileError) -> Int { try files.size(of: file) }
  func lock() throws(FileError) -> Bool { try files.lock(file) }
  func unlock() { files.unlock(file) }

  /// The header of a segment or a head; nil if it has none, as one whose beginning was cut off by a crash.
  func header(_ kind: FileHeader.Kind) throws(StoreError) -> FileHeader? {
    let bytes = try reading { () throws(FileError) in try read(StoreFormat.fileHeaderBytes, at: 0) }
    guard let header = bytes.withUnsafeBytes({ FileHeader($0, kind) }) else { return nil }
    if header.version > StoreFormat.version {
      throw .newer(path: path, version: Int(header.version), known: Int(StoreFormat.version))
    }
    return header
  }
}

/// The result of a call to the file system, with its error as one of the store.
func reading<R>(_ call: () throws(FileError) -> R) throws(StoreError) -> R {
  do throws(FileError) { return try call() } catch { throw .file(error) }
}

/// Bytes of blocks that are in memory.
final class BlockMemory: BlockBytes {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func read(_ count: Int, at offset: Int) -> [UInt8] {
    bytes.withUnsafeBytes { offset >= 0 && count >= 0 ? Array($0.part(offset..<offset + count)) : [] }
  }
}

/// The folder of a store.
struct StoreFolder: Sendable {
  let path: String
  let files: any FileSystem

  func open(_ name: String, _ mode: FileMode) throws(StoreError) -> StoreFile {
    try reading { () throws(FileError) in try StoreFile(path + "/" + name, of: files, mode) }
  }

  /// The file of a name; nil if there is none any more.
  func openIfThere(_ name: String) throws(StoreError) -> StoreFile? {
    do throws(StoreError) {
      return try open(name, .read)
    } catch {
      if case .file(let error) = error, error.isAbsence { return nil }
      throw error
    }
  }

  func remove(_ name: String) throws(StoreError) {
    try reading { () throws(FileError) in try files.remove(path + "/" + name) }
  }

  func sync() throws(StoreError) { try reading { () throws(FileError) in try files.syncDirectory(path) } }

  /// The numbers of the files of a kind, in order.
  func numbers(_ suffix: String) throws(StoreError) -> [UInt64] {
    let names = try reading { () throws(FileError) in try files.names(in: path) }
    return names.compactMap { StoreFormat.number(of: $0, suffix: suffix) }.sorted()
  }
}

extension FileError {
  /// Whether there is no file of that name.
  var isAbsence: Bool { number == 2 }
}
