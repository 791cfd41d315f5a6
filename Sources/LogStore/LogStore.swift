package import FrameQueues
import Glibc
import Synchronization

/// A store of records on this disk, written by one process.
///
/// A request is in it once `append` returns: as blocks of the last segment, or, while it fills none, in the head. A
/// search works on a `StoreView`, which nothing waits for. Invariant: what `view` shows is on the disk.
package final class LogStore: Sendable {
  private let writer: Mutex<StoreWriter>
  private let shown: Mutex<StoreView>

  /// Opens a store, which is made if there is none, and cuts off what a crash left half-written.
  package init(_ options: StoreOptions, files: any FileSystem = SystemFileSystem()) throws(StoreError) {
    let folder = StoreFolder(path: options.directory, files: files)
    _ = try reading { () throws(FileError) in try files.makeDirectory(options.directory) }
    let lock = try Self.lock(folder)
    let view = try StoreView.read(options.directory, files: files)
    let writer = try StoreWriter(options, view, lock: lock)
    shown = Mutex(writer.view)
    self.writer = Mutex(writer)
  }

  private static func lock(_ folder: StoreFolder) throws(StoreError) -> StoreFile {
    let file = try folder.open("LOCK", .readWriteOrCreate)
    let isTaken = try reading { () throws(FileError) in try file.lock() }
    if isTaken {
      let id = Array("\(getpid())\n".utf8)
      try reading { () throws(FileError) in
        try file.truncate(to: 0)
        try file.write(id, at: 0)
      }
      return file
    }
    let digits = try reading { () throws(FileError) in try file.read(20, at: 0) }.prefix { $0 >= 48 && $0 < 58 }
    let id = digits.isEmpty ? "of unknown id" : String(decoding: digits, as: UTF8.self)
    throw .locked(directory: folder.path, processID: id)
  }

  /// What is stored now.
  package var view: StoreView { shown.withLock { $0 } }

  /// Stores the records of an `ExportLogsServiceRequest`; all of them or, with an error, none.
  package func append(_ body: UnsafeRawBufferPointer, receivedUnixNano: UInt64) throws(StoreError) {
    try change { writer throws(StoreError) in try writer.append(body, receivedUnixNano: receivedUnixNano) }
  }

  /// Goes on with other options; the folder stays.
  package func use(_ options: StoreOptions) { writer.withLock { $0.use(options) } }

  /// Removes what is older or more than is kept.
  package func maintain(nowUnixNano: UInt64) throws(StoreError) {
    try change { writer throws(StoreError) in try writer.retain(nowUnixNano: nowUnixNano) }
  }

  /// Lets another process write to the store. Nothing can be appended afterwards.
  package func close() { writer.withLock { $0.close() } }

  private func change(_ call: (StoreWriter) throws(StoreError) -> Void) throws(StoreError) {
    var failure: StoreError?
    writer.withLock { writer in
      do throws(StoreError) { try call(writer) } catch { failure = error }
      let view = writer.view
      shown.withLock { $0 = view }
    }
    if let failure { throw failure }
  }
}
