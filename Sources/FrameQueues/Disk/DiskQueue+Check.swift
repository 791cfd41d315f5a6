import Glibc

extension DiskQueue {
  /// Throws what would keep the queue in `directory` from being opened, except that another process has it open.
  /// Changes nothing; a process may be using the queue meanwhile. A directory that is missing is an empty queue.
  package static func check(
    _ directory: String, fingerprint: UInt64, of files: any FileSystem = SystemFileSystem()
  ) throws(DiskQueueError) {
    do {
      for name in try files.names(in: directory) where isOfQueue(name) {
        let path = directory + "/" + name
        if let header = try header(of: path, named: name, files) { try check(header, path, fingerprint) }
      }
      try CursorFile.content(in: directory, of: files, fingerprint: fingerprint).checkVersion(in: directory)
    } catch let error as DiskQueueError {
      throw error
    } catch let error as FileError {
      if error.number != ENOENT { throw .file(error) }
    } catch {
      throw .file(FileError("list", 0, path: directory))
    }
  }

  /// Throws unless a directory holds files of a queue; says which of its directories do.
  package static func checkIsQueue(
    _ directory: String, of files: any FileSystem = SystemFileSystem()
  ) throws(DiskQueueError) {
    var names: [String]
    do { names = try files.names(in: directory) } catch { throw .file(error) }
    names.removeAll { $0 == "." || $0 == ".." }
    if holdsQueue(names) { return }
    let queues = names.sorted().prefix(maxLookedAt).filter { name in
      do throws(FileError) { return holdsQueue(try files.names(in: directory + "/" + name)) } catch { return false }
    }
    throw .noQueue(directory: directory, isEmpty: names.isEmpty, queues: Array(queues))
  }

  /// So many directories of one that is no queue are looked into.
  private static let maxLookedAt = 1000

  private static func holdsQueue(_ names: [String]) -> Bool {
    names.contains { isOfQueue($0) || SegmentFormat.sequence(ofSetAside: $0) != nil }
  }

  private static func isOfQueue(_ name: String) -> Bool {
    name == DirectoryLock.name || name == CursorFile.name || SegmentFormat.sequence(ofFile: name) != nil
  }

  /// Opens a file as the queue would; gives a segment's header, if it is readable. A file that has gone meanwhile is
  /// none.
  private static func header(
    of path: String, named name: String, _ files: any FileSystem
  ) throws(FileError) -> SegmentHeader? {
    do throws(FileError) {
      if SegmentFormat.sequence(ofFile: name) == nil {
        files.close(try files.open(path, .readWrite))
        return nil
      }
      return try SegmentFile.open(try FileHandle(path, of: files, .readWrite), SegmentVersion.known)?.header
    } catch {
      if error.number == ENOENT { return nil }
      throw error
    }
  }

  private static func check(
    _ header: SegmentHeader, _ path: String, _ fingerprint: UInt64
  ) throws(DiskQueueError) {
    try header.checkVersion(of: path)
    if header.fingerprint != fingerprint { throw .otherDestination(file: path) }
  }
}

extension CursorFile {
  /// What the frames are encoded for that the cursor of a directory is about; nil if it does not say so.
  static func fingerprint(in directory: String, of files: any FileSystem) throws(FileError) -> UInt64? {
    let path = directory + "/" + name
    guard try files.exists(path) else { return nil }
    let file = try FileHandle(path, of: files, .read)
    for slot in 0...1 {
      let bytes = try file.read(fingerprintOffset + 8, at: slot * slotBytes)
      guard bytes.count == fingerprintOffset + 8 else { continue }
      let fingerprint = unsafe bytes.withUnsafeBytes { unsafe $0.load(UInt64.self, at: fingerprintOffset) }
      if case .record = try content(in: directory, of: files, fingerprint: fingerprint) { return fingerprint }
    }
    return nil
  }

  /// Where it stands in a slot.
  private static let fingerprintOffset = 32
}
