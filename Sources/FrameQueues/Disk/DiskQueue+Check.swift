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
    } catch let error as DiskQueueError {
      throw error
    } catch let error as FileError {
      if error.number != ENOENT { throw .file(error) }
    } catch {
      throw .file(FileError("list", 0, path: directory))
    }
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
      return try SegmentFile.open(path, of: files, .readWrite)?.header
    } catch {
      if error.number == ENOENT { return nil }
      throw error
    }
  }

  private static func check(
    _ header: SegmentHeader, _ path: String, _ fingerprint: UInt64
  ) throws(DiskQueueError) {
    if header.version != SegmentFormat.version {
      throw .newerFormat(file: path, version: header.version, supportedVersion: SegmentFormat.version)
    }
    if header.fingerprint != fingerprint { throw .otherDestination(file: path) }
  }
}
