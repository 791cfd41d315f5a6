import CDisk
import Glibc

/// The file system of the machine.
package struct SystemFileSystem: FileSystem {
  package init() {}

  package func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
    let flags =
      switch mode {
      case .read: O_RDONLY
      case .readWrite: O_RDWR
      case .readWriteOrCreate: O_RDWR | O_CREAT
      case .createNew: O_RDWR | O_CREAT | O_EXCL
      case .writePages: O_WRONLY | past_cache
      }
    // Else a named pipe would be waited for, for ever if nobody opens its other end.
    let file = try check("open", path) { unsafe Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o600) }
    do throws(FileError) {
      var status = stat()
      _ = try check("stat", path) { unsafe fstat(file, &status) }
      if status.st_mode & S_IFMT != S_IFREG { throw .notRegular(path) }
      return file
    } catch {
      close(file)
      throw error
    }
  }

  package func close(_ file: Int32) { _ = Glibc.close(file) }

  package func write(_ parts: [UnsafeRawBufferPointer], to file: Int32, at offset: Int) throws(FileError) {
    var offset = offset
    var vectors = unsafe ArraySlice(
      parts.lazy.filter { unsafe !$0.isEmpty }.map {
        unsafe iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
      })
    while unsafe !vectors.isEmpty {
      let written = try unsafe vectors.withUnsafeBufferPointer { head throws(FileError) in
        try check("write") { unsafe pwritev(file, head.baseAddress, Int32(clamping: min(head.count, 1024)), offset) }
      }
      // A write of nothing makes no progress and says nothing: the disk is full.
      if written == 0 { throw FileError("write", ENOSPC) }
      offset += written
      unsafe vectors.dropBytes(written)
    }
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer, from file: Int32, at offset: Int) throws(FileError)
    -> Int
  {
    guard let base = buffer.baseAddress else { return 0 }
    var count = 0
    while count < buffer.count {
      let read = try check(FileError.read) { unsafe pread(file, base + count, buffer.count - count, offset + count) }
      if read == 0 { break }
      count += read
    }
    return count
  }

  package func sync(_ file: Int32) throws(FileError) { _ = try check("sync") { fdatasync(file) } }

  package func syncDirectory(_ path: String) throws(FileError) {
    let directory = try check("open", path) { unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    defer { _ = Glibc.close(directory) }
    _ = try check("sync", path) { fsync(directory) }
  }

  package func forgetCached(_ file: Int32) { posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) }

  package func truncate(_ file: Int32, to bytes: Int) throws(FileError) {
    _ = try check("truncate") { ftruncate(file, bytes) }
  }

  package func allocate(_ file: Int32, upTo bytes: Int) throws(FileError) {
    do throws(FileError) {
      _ = try check("allocate") { allocate_keeping_size(file, bytes) }
    } catch {
      // A file system without this call shows a full disk at the write instead.
      if error.number != EOPNOTSUPP { throw error }
    }
  }

  package func size(of file: Int32) throws(FileError) -> Int {
    var status = stat()
    _ = try check("stat") { unsafe fstat(file, &status) }
    return status.st_size
  }

  package func lastWritten(_ file: Int32) throws(FileError) -> Int {
    var status = stat()
    _ = try check("stat") { unsafe fstat(file, &status) }
    return status.st_mtim.tv_sec
  }

  package func identity(of file: Int32) throws(FileError) -> FileIdentity {
    var status = stat()
    _ = try check("stat") { unsafe fstat(file, &status) }
    return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  package func identity(at path: String) throws(FileError) -> FileIdentity? {
    do throws(FileError) {
      var status = stat()
      _ = try check("find", path) { unsafe stat(path, &status) }
      return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    } catch {
      if error.number == ENOENT || error.number == ENOTDIR { return nil }
      throw error
    }
  }

  package func exists(_ path: String) throws(FileError) -> Bool {
    do throws(FileError) {
      _ = try check("find", path) { unsafe access(path, F_OK) }
      return true
    } catch {
      if error.number == ENOENT || error.number == ENOTDIR { return false }
      throw error
    }
  }

  package func freeBytes(in directory: String) throws(FileError) -> Int {
    var status = statvfs()
    _ = try check("stat", directory) { unsafe statvfs(directory, &status) }
    let (bytes, isTooMany) = status.f_bavail.multipliedReportingOverflow(by: status.f_frsize)
    return isTooMany ? .max : Int(clamping: bytes)
  }

  package func remove(_ path: String) throws(FileError) { _ = try check("remove", path) { unsafe unlink(path) } }

  package func rename(_ path: String, to newPath: String) throws(FileError) {
    _ = try check("rename", path) { unsafe rename_without_replacing(path, newPath) }
  }

  package func names(in directory: String) throws(FileError) -> [String] {
    guard let stream = unsafe opendir(directory) else { throw FileError("list", errno, path: directory) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      unsafe names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names
  }

  package func makeDirectory(_ path: String) throws(FileError) -> Bool {
    do throws(FileError) {
      _ = try check("create", path) { unsafe mkdir(path, 0o700) }
      return true
    } catch {
      if error.number == EEXIST { return false }
      throw error
    }
  }

  package func lock(_ file: Int32) throws(FileError) -> Bool {
    do throws(FileError) {
      _ = try check("lock") { flock(file, LOCK_EX | LOCK_NB) }
      return true
    } catch {
      if error.number == EWOULDBLOCK { return false }
      throw error
    }
  }

  package func unlock(_ file: Int32) { _ = flock(file, LOCK_UN) }

  /// The result of a call that says -1 when it failed; one that a signal interrupted is made again.
  private func check<Result: FixedWidthInteger>(_ action: String, _ path: String = "", _ call: () -> Result)
    throws(FileError) -> Result
  {
    while true {
      let result = call()
      if result >= 0 { return result }
      if errno != EINTR { throw FileError(action, errno, path: path) }
    }
  }
}

extension ArraySlice<iovec> {
  /// Takes `count` bytes off the front.
  fileprivate mutating func dropBytes(_ count: Int) {
    var left = count
    while left > 0, var head = unsafe first {
      if unsafe head.iov_len > left {
        unsafe head.iov_base = head.iov_base + left
        unsafe head.iov_len -= left
        unsafe self[startIndex] = head
        return
      }
      unsafe left -= head.iov_len
      unsafe removeFirst()
    }
  }
}

/// What the system calls an error number.
func systemMessage(_ number: Int32) -> String {
  var text = [CChar](repeating: 0, count: 128)
  guard unsafe strerror_r(number, &text, text.count) == 0 else { return "error \(number)" }
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
