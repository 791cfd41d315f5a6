import Glibc
import Synchronization

@testable import FrameQueues
@testable import LogStore

/// A disk in memory that keeps apart what was written and what survives a power cut, and fails when told to.
final class PowerCutDisk: FileSystem {
  private static let sector = 512

  private struct File {
    var bytes: [UInt8] = []
    var durable: [UInt8] = []
    var isLocked = false
  }

  private struct State {
    var files: [Int: File] = [:]
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    var handles: [Int32: Int] = [:]
    var next = 1
    var faults: [String: (after: Int, number: Int32)] = [:]
    var capacityBytes = Int.max
    var lies = false
  }

  private let state: Mutex<State>

  init(lies: Bool = false) { state = Mutex(State(lies: lies)) }
  private init(_ files: [Int: File], _ names: [String: Int], next: Int, lies: Bool) {
    state = Mutex(State(files: files, names: names, durableNames: names, next: next, lies: lies))
  }

  /// Has a call of that action fail, after some that succeed.
  func fail(_ action: String, _ number: Int32, after: Int = 0) {
    state.withLock { $0.faults[action] = (after, number) }
  }

  func repair() { state.withLock { $0.faults = [:] } }
  func setCapacity(_ bytes: Int) { state.withLock { $0.capacityBytes = bytes } }
  var usedBytes: Int {
    state.withLock { state in state.names.values.reduce(0) { $0 + (state.files[$1]?.bytes.count ?? 0) } }
  }
  var paths: [String] { state.withLock { $0.names.keys.sorted() } }

  func content(_ path: String) -> [UInt8] {
    state.withLock { state in state.names[path].flatMap { state.files[$0]?.bytes } ?? [] }
  }

  func setContent(_ path: String, _ bytes: [UInt8]) {
    state.withLock { state in
      guard let number = state.names[path] else { return }
      state.files[number] = File(bytes: bytes, durable: bytes)
    }
  }

  /// The disk as the next process finds it after this one was killed.
  func afterKill() -> PowerCutDisk {
    state.withLock { state in
      let files = state.files.mapValues { File(bytes: $0.bytes, durable: $0.durable) }
      let disk = PowerCutDisk(files, state.names, next: state.next, lies: state.lies)
      disk.state.withLock { $0.durableNames = state.durableNames }
      return disk
    }
  }

  /// The disk after a power cut: of what was not synced, each sector and each name stays or goes by chance.
  func afterPowerCut(_ numbers: inout SeededNumbers) -> PowerCutDisk {
    let keepPercent = [0, 30, 70, 100][Int(numbers.next() % 4)]
    var random = numbers
    defer { numbers = random }
    return state.withLock { state in
      func keeps() -> Bool { random.next() % 100 < keepPercent }
      var names = state.durableNames
      for name in Set(state.names.keys).union(state.durableNames.keys).sorted() where state.names[name] != names[name] {
        if keeps() { names[name] = state.names[name] }
      }
      var files: [Int: File] = [:]
      for number in Set(names.values).sorted() {
        let file = state.files[number] ?? File()
        var bytes = Array(file.durable)
        if keeps() { bytes = Array(bytes.prefix(file.bytes.count)) }
        if keeps(), bytes.count < file.bytes.count {
          bytes += [UInt8](repeating: 0, count: file.bytes.count - bytes.count)
        }
        for start in stride(from: 0, to: min(bytes.count, file.bytes.count), by: Self.sector) where keeps() {
          let end = min(start + Self.sector, bytes.count, file.bytes.count)
          bytes.replaceSubrange(start..<end, with: file.bytes[start..<end])
        }
        files[number] = File(bytes: bytes, durable: bytes)
      }
      return PowerCutDisk(files, names, next: state.next, lies: state.lies)
    }
  }

  // MARK: FileSystem

  private func call<R>(
    _ action: String, _ path: String = "", _ body: (inout State) throws(FileError) -> R
  ) throws(FileError) -> R {
    let result: Result<R, FileError> = state.withLock { state in
      if let fault = state.faults[action] {
        if fault.after == 0 {
          state.faults[action] = nil
          return .failure(FileError(action, fault.number, path: path))
        }
        state.faults[action] = (fault.after - 1, fault.number)
      }
      do throws(FileError) { return .success(try body(&state)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
    try call("open", path) { state throws(FileError) in
      if state.names[path] != nil, mode == .createNew { throw FileError("open", EEXIST, path: path) }
      if state.names[path] == nil {
        if mode != .createNew && mode != .readWriteOrCreate { throw FileError("open", ENOENT, path: path) }
        state.names[path] = state.next
        state.files[state.next] = File()
        state.next += 1
      }
      let handle = Int32(state.next)
      state.next += 1
      state.handles[handle] = state.names[path]
      return handle
    }
  }

  func close(_ file: Int32) { state.withLock { $0.handles[file] = nil } }

  func write(_ parts: [UnsafeRawBufferPointer], to file: Int32, at offset: Int) throws(FileError) {
    let bytes = parts.flatMap { Array($0) }
    try withFile("write", file) { state, file, fault throws(FileError) in
      let used = state.names.values.reduce(0) { $0 + (state.files[$1]?.bytes.count ?? 0) }
      // A write that fails has mostly written something.
      let fits = min(bytes.count, max(0, state.capacityBytes - used))
      let part = bytes.prefix(fault == nil ? fits : bytes.count / 2)
      let end = offset + part.count
      if file.bytes.count < end { file.bytes += [UInt8](repeating: 0, count: end - file.bytes.count) }
      file.bytes.replaceSubrange(offset..<end, with: part)
      if let fault { throw fault }
      if part.count < bytes.count { throw FileError("write", ENOSPC) }
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, from file: Int32, at offset: Int) throws(FileError) -> Int {
    try withFile("read", file) { _, file, fault throws(FileError) in
      if let fault { throw fault }
      let bytes = file.bytes.dropFirst(offset).prefix(buffer.count)
      buffer.copyBytes(from: bytes)
      return bytes.count
    }
  }

  func sync(_ file: Int32) throws(FileError) {
    try withFile("sync", file) { state, file, fault throws(FileError) in
      if let fault { throw fault }
      if !state.lies { file.durable = file.bytes }
    }
  }

  func syncDirectory(_ path: String) throws(FileError) {
    try call("syncDirectory", path) { state throws(FileError) in state.durableNames = state.names }
  }

  func truncate(_ file: Int32, to bytes: Int) throws(FileError) {
    try withFile("truncate", file) { _, file, fault throws(FileError) in
      if let fault { throw fault }
      file.bytes = Array(file.bytes.prefix(bytes)) + [UInt8](repeating: 0, count: max(0, bytes - file.bytes.count))
    }
  }

  func size(of file: Int32) throws(FileError) -> Int {
    try withFile("stat", file) { _, file, _ throws(FileError) in file.bytes.count }
  }

  func remove(_ path: String) throws(FileError) {
    try call("remove", path) { state throws(FileError) in
      if state.names.removeValue(forKey: path) == nil { throw FileError("remove", ENOENT, path: path) }
    }
  }

  func names(in directory: String) throws(FileError) -> [String] {
    try call("list", directory) { state throws(FileError) in
      state.names.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.utf8.count + 1)) }
    }
  }

  func makeDirectory(_ path: String) throws(FileError) -> Bool {
    try call("create", path) { state throws(FileError) in state.names.isEmpty }
  }

  func lock(_ file: Int32) throws(FileError) -> Bool {
    try withFile("lock", file) { _, file, _ throws(FileError) in
      defer { file.isLocked = true }
      return !file.isLocked
    }
  }

  func unlock(_ file: Int32) {
    state.withLock { state in
      if let number = state.handles[file] { state.files[number]?.isLocked = false }
    }
  }

  func forgetCached(_ file: Int32) {}
  func allocate(_ file: Int32, upTo bytes: Int) throws(FileError) {}
  func lastWritten(_ file: Int32) throws(FileError) -> Int { 0 }
  func identity(of file: Int32) throws(FileError) -> FileIdentity { FileIdentity(device: 1, inode: 1) }
  func identity(at path: String) throws(FileError) -> FileIdentity? { nil }
  func exists(_ path: String) throws(FileError) -> Bool { state.withLock { $0.names[path] != nil } }
  func freeBytes(in directory: String) throws(FileError) -> Int { .max / 2 }
  func rename(_ path: String, to newPath: String) throws(FileError) {}

  private func withFile<R>(
    _ action: String, _ handle: Int32, _ body: (inout State, inout File, FileError?) throws(FileError) -> R
  ) throws(FileError) -> R {
    let result: Result<R, FileError> = state.withLock { state in
      guard let number = state.handles[handle], var file = state.files[number] else {
        return .failure(FileError(action, EBADF))
      }
      var fault: FileError?
      if let told = state.faults[action] {
        state.faults[action] = told.after == 0 ? nil : (told.after - 1, told.number)
        if told.after == 0 { fault = FileError(action, told.number) }
      }
      defer { state.files[number] = file }
      do throws(FileError) { return .success(try body(&state, &file, fault)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
