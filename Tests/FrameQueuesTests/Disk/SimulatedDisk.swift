import Glibc
import Synchronization

@testable import FrameQueues

/// A disk in memory that keeps apart what was written and what would survive a power cut, and fails when told to.
///
/// Unsynced sectors of 512 bytes are lost or kept one by one in a power cut; so are names that were created or removed
/// in a directory since it was synced. A failed sync forgets what it could not write, as Linux does.
final class SimulatedDisk: FileSystem {
  static let sectorBytes = 512

  struct Inode {
    var cached: [UInt8] = []
    var durable: [UInt8] = []
    var dirtySectors: Set<Int> = []
    var allocatedBytes = 0
    var isLocked = false
  }

  struct State {
    var inodes: [Int: Inode] = [:]
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    var handles: [Int32: (inode: Int, path: String, writesPages: Bool)] = [:]
    /// Which handle holds the lock of an inode, or did.
    var lockHolders: [Int: Int32] = [:]
    var nextInode = 1
    var nextHandle: Int32 = 1
    /// Errors to come, by action: after so many calls that succeed, so many that fail, on files of that name or on all.
    var faults: [String: (after: Int, times: Int, number: Int32, name: String)] = [:]
    /// Calls that do not return, by action: on files whose path ends so.
    var hangs: [String: String] = [:]
    /// What runs before a call, once, by action: on files whose path ends so.
    var interludes: [String: (name: String, body: @Sendable () -> Void)] = [:]
    /// True if each call first lets others go before it, or waits a little.
    var isUneven = false
    /// How often a file of a name was written.
    var writes: [String: Int] = [:]
    /// Pages of files that cannot be read, by inode.
    var badPages: [Int: Set<Int>] = [:]
    var capacityBytes = Int.max
    /// False for a disk that does not write past the cache.
    var writesPages = true
    /// True if syncs succeed without doing anything.
    var lies = false
    /// How often a file of a name was synced.
    var syncs: [String: Int] = [:]
    var calls: [String: Int] = [:]
    /// Directories that are still to be made, and those that were synced, in order.
    var missingDirectories: Set<String> = []
    var syncedDirectories: [String] = []
    /// Directories that were made again, or removed, by somebody else.
    var madeDirectories: Set<String> = []
    var removedDirectories: Set<String> = []
  }

  let state: Mutex<State>

  init() { state = Mutex(State()) }
  private init(_ inodes: [Int: Inode], _ names: [String: Int], nextInode: Int) {
    state = Mutex(State(inodes: inodes, names: names, durableNames: names, nextInode: nextInode))
  }

  // MARK: What tests do to it

  /// Has calls of an action fail, after some that succeed, on files whose path ends in `name`.
  func fail(_ action: String, _ number: Int32, on name: String = "", after: Int = 0, times: Int = 1) {
    state.withLock { $0.faults[action] = (after, times, number, name) }
  }

  /// Has calls of an action on such files not return before `release`.
  func hang(_ action: String, on name: String = "") { state.withLock { $0.hangs[action] = name } }
  func release() { state.withLock { $0.hangs = [:] } }

  /// Has something happen before the next call of an action on such files: what another thread does just then.
  func before(_ action: String, on name: String = "", _ body: @escaping @Sendable () -> Void) {
    state.withLock { $0.interludes[action] = (name, body) }
  }

  /// Has each call take its own time, so that threads come in ever other orders.
  func beUneven() { state.withLock { $0.isUneven = true } }

  /// Does before a call what tests want to happen there.
  private func letOthersGo(_ action: String, _ path: String) {
    let (isUneven, interlude) = state.withLock { state in (state.isUneven, state.takeInterlude(action, path)) }
    interlude?()
    if isUneven { if UInt32.random(in: 0..<4) == 0 { usleep(.random(in: 0..<300)) } else { sched_yield() } }
    while state.withLock({ $0.hangs[action].map { path.hasSuffix($0) } ?? false }) { usleep(1000) }
  }

  /// Has the disk give back nothing of the page that an offset lies in.
  func breakPage(_ path: String, at offset: Int) {
    state.withLock { state in
      if let inode = state.names[path] { state.badPages[inode, default: []].insert(offset / 4096) }
    }
  }

  /// Removes a directory with all that is in it, while some of it is open, and makes it again.
  func replaceDirectory(_ directory: String, isMade: Bool = true) {
    state.withLock { state in
      state.names = state.names.filter { !$0.key.hasPrefix(directory + "/") }
      state.durableNames = state.durableNames.filter { !$0.key.hasPrefix(directory + "/") }
      if isMade { state.removedDirectories.remove(directory) } else { state.removedDirectories.insert(directory) }
      if isMade { state.madeDirectories.insert(directory) }
    }
  }

  func repair() { state.withLock { ($0.faults, $0.badPages) = ([:], [:]) } }

  func setCapacity(_ bytes: Int) { state.withLock { $0.capacityBytes = bytes } }
  func writes(of path: String) -> Int { state.withLock { $0.writes[path] ?? 0 } }
  func syncs(of path: String) -> Int { state.withLock { $0.syncs[path] ?? 0 } }
  func calls(_ action: String) -> Int { state.withLock { $0.calls[action] ?? 0 } }

  func content(_ path: String) -> [UInt8]? {
    state.withLock { state in state.names[path].flatMap { state.inodes[$0]?.cached } }
  }

  /// Replaces a file, as if it had always been so.
  func setContent(_ path: String, _ bytes: [UInt8]) {
    state.withLock { state in
      let inode = state.names[path] ?? state.nextInode
      state.nextInode = max(state.nextInode, inode + 1)
      state.names[path] = inode
      state.durableNames[path] = inode
      state.inodes[inode] = Inode(cached: bytes, durable: bytes)
    }
  }

  func flipBit(_ path: String, at offset: Int, bit: Int = 0) {
    guard var bytes = content(path), bytes.indices.contains(offset) else { return }
    bytes[offset] ^= UInt8(1 << bit)
    state.withLock { state in
      guard let inode = state.names[path] else { return }
      state.inodes[inode]?.cached = bytes
      state.inodes[inode]?.durable = bytes
    }
  }

  var paths: [String] { state.withLock { $0.names.keys.sorted() } }

  /// The disk as the next process finds it after this one was killed: nothing that was written is missing.
  func afterKill() -> SimulatedDisk {
    state.withLock { state in
      let inodes = state.inodes.mapValues { inode in
        var inode = inode
        inode.isLocked = false
        return inode
      }
      let disk = SimulatedDisk(inodes, state.names, nextInode: state.nextInode)
      disk.state.withLock {
        $0.durableNames = state.durableNames
        $0.lies = state.lies
        $0.writesPages = state.writesPages
      }
      return disk
    }
  }

  /// The disk after a power cut.
  func afterPowerCut(_ seed: UInt64) -> SimulatedDisk {
    var random = SplitMix(seed: seed)
    let keepPercent = [0, 20, 50, 80, 100][random.below(5)]
    return state.withLock { state in
      var names = state.durableNames
      for name in Set(state.names.keys).union(state.durableNames.keys).sorted()
      where state.names[name] != state.durableNames[name] && random.below(100) < keepPercent {
        names[name] = state.names[name]
      }
      var inodes: [Int: Inode] = [:]
      for number in Set(names.values).sorted() {
        let bytes = Self.surviving(state.inodes[number] ?? Inode(), keepPercent, &random)
        inodes[number] = Inode(cached: bytes, durable: bytes)
      }
      let disk = SimulatedDisk(inodes, names, nextInode: state.nextInode)
      disk.state.withLock {
        $0.lies = state.lies
        $0.writesPages = state.writesPages
      }
      return disk
    }
  }

  private static func surviving(_ inode: Inode, _ keepPercent: Int, _ random: inout SplitMix) -> [UInt8] {
    let sizes = [inode.durable.count, inode.cached.count].sorted()
    let size = random.below(100) < keepPercent ? inode.cached.count : sizes[0] + random.below(sizes[1] - sizes[0] + 1)
    var bytes = Array(inode.durable.prefix(size))
    bytes += [UInt8](repeating: 0, count: max(size - bytes.count, 0))
    for sector in inode.dirtySectors.sorted() where random.below(100) < keepPercent {
      let range = (sector * sectorBytes)..<((sector + 1) * sectorBytes)
      for offset in range where offset < size && offset < inode.cached.count { bytes[offset] = inode.cached[offset] }
    }
    return bytes
  }

  // MARK: FileSystem

  func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
    try withState("open", path) { state throws(FileError) in
      var inode = state.names[path]
      if mode == .writePages, !state.writesPages { throw FileError("open", EINVAL, path: path) }
      if inode != nil, mode == .createNew { throw FileError("open", EEXIST, path: path) }
      if inode == nil {
        let isInNoDirectory = state.removedDirectories.contains { path.hasPrefix($0 + "/") }
        guard mode == .createNew || mode == .readWriteOrCreate, !isInNoDirectory else {
          throw FileError("open", ENOENT, path: path)
        }
        inode = state.nextInode
        state.nextInode += 1
        state.names[path] = inode
        state.inodes[state.nextInode - 1] = Inode()
      }
      let handle = state.nextHandle
      state.nextHandle += 1
      state.handles[handle] = (inode ?? 0, path, mode == .writePages)
      return handle
    }
  }

  func close(_ file: Int32) {
    state.withLock { state in
      if let inode = state.handles[file]?.inode, state.lockHolders[inode] == file {
        state.inodes[inode]?.isLocked = false
      }
      state.handles[file] = nil
    }
  }

  func write(_ parts: [UnsafeRawBufferPointer], to file: Int32, at offset: Int) throws(FileError) {
    var bytes: [UInt8] = []
    for part in parts { bytes += part }
    try withInode(file, "write") { state, inode, fault throws(FileError) in
      if state.handles[file]?.writesPages == true {
        let areWhole = (offset | bytes.count | parts.reduce(0) { $0 | Int(bitPattern: $1.baseAddress) }) % 4096 == 0
        if !areWhole { throw FileError("write", EINVAL) }
        state.calls["writePages", default: 0] += 1
      }
      let count = fault == nil ? bytes.count : bytes.count * 2 / 3
      let end = offset + count
      let growth = max(end, inode.allocatedBytes) - max(inode.cached.count, inode.allocatedBytes)
      if growth > 0, growth > state.freeBytes { throw FileError("write", ENOSPC) }
      if inode.cached.count < end { inode.cached += [UInt8](repeating: 0, count: end - inode.cached.count) }
      inode.cached.replaceSubrange(offset..<end, with: bytes.prefix(count))
      if count > 0 {
        inode.dirtySectors.formUnion((offset / Self.sectorBytes)...((end - 1) / Self.sectorBytes))
      }
      if let fault { throw fault }
      if let path = state.handles[file]?.path { state.writes[path, default: 0] += 1 }
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, from file: Int32, at offset: Int) throws(FileError) -> Int {
    try withInode(file, "read") { state, inode, fault throws(FileError) in
      if let fault { throw fault }
      let bad = state.handles[file].flatMap { state.badPages[$0.inode] } ?? []
      if bad.contains(where: { $0 * 4096 < offset + buffer.count && offset < ($0 + 1) * 4096 }) {
        throw FileError("read", EIO)
      }
      let available = inode.cached.dropFirst(offset).prefix(buffer.count)
      buffer.copyBytes(from: available)
      return available.count
    }
  }

  func sync(_ file: Int32) throws(FileError) {
    try withInode(file, "sync") { state, inode, fault throws(FileError) in
      if !state.lies { inode.dirtySectors = [] }
      if let fault { throw fault }
      if !state.lies { inode.durable = inode.cached }
      if let path = state.handles[file]?.path { state.syncs[path, default: 0] += 1 }
    }
  }

  func syncDirectory(_ path: String) throws(FileError) {
    try withState("syncDirectory", path) { state throws(FileError) in
      state.syncedDirectories.append(path)
      for name in Set(state.names.keys).union(state.durableNames.keys) where name.hasPrefix(path + "/") {
        state.durableNames[name] = state.names[name]
      }
    }
  }

  func truncate(_ file: Int32, to bytes: Int) throws(FileError) {
    try withInode(file, "truncate") { _, inode, fault throws(FileError) in
      if let fault { throw fault }
      let old = inode.cached.count
      inode.cached = Array(inode.cached.prefix(bytes)) + [UInt8](repeating: 0, count: max(bytes - old, 0))
      inode.allocatedBytes = bytes
      inode.dirtySectors.insert(bytes / Self.sectorBytes)
    }
  }

  func allocate(_ file: Int32, upTo bytes: Int) throws(FileError) {
    try withInode(file, "allocate") { state, inode, fault throws(FileError) in
      if let fault { throw fault }
      let growth = bytes - max(inode.allocatedBytes, inode.cached.count)
      if growth > 0, growth > state.freeBytes { throw FileError("allocate", ENOSPC) }
      inode.allocatedBytes = max(inode.allocatedBytes, bytes)
    }
  }

  func size(of file: Int32) throws(FileError) -> Int {
    try withInode(file, "stat") { _, inode, _ throws(FileError) in inode.cached.count }
  }

  func lastWritten(_ file: Int32) throws(FileError) -> Int {
    try withInode(file, "stat") { _, _, _ throws(FileError) in 1_700_000_000 }
  }

  func exists(_ path: String) throws(FileError) -> Bool {
    try withState("exists", path) { state throws(FileError) in state.names[path] != nil }
  }

  func identity(of file: Int32) throws(FileError) -> FileIdentity {
    try withInode(file, "stat") { state, _, _ throws(FileError) in
      FileIdentity(device: 1, inode: UInt64(state.handles[file]?.inode ?? 0))
    }
  }

  func identity(at path: String) throws(FileError) -> FileIdentity? {
    try withState("exists", path) { state throws(FileError) in
      if state.removedDirectories.contains(path) { return nil }
      if state.names.keys.contains(where: { $0.hasPrefix(path + "/") }) || state.madeDirectories.contains(path) {
        return FileIdentity(device: 1, inode: 0)
      }
      return state.names[path].map { FileIdentity(device: 1, inode: UInt64($0)) }
    }
  }

  func forgetCached(_ file: Int32) {}

  func freeBytes(in directory: String) throws(FileError) -> Int {
    try withState("statvfs", directory) { state throws(FileError) in state.freeBytes }
  }

  func remove(_ path: String) throws(FileError) {
    try withState("remove", path) { state throws(FileError) in
      guard state.names.removeValue(forKey: path) != nil else { throw FileError("remove", ENOENT, path: path) }
    }
  }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    try withState("rename", path) { state throws(FileError) in
      if state.names[newPath] != nil { throw FileError("rename", EEXIST, path: path) }
      guard let inode = state.names.removeValue(forKey: path) else { throw FileError("rename", ENOENT, path: path) }
      state.names[newPath] = inode
    }
  }

  func names(in directory: String) throws(FileError) -> [String] {
    try withState("list", directory) { state throws(FileError) in
      state.names.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.utf8.count + 1)) }
    }
  }

  func makeDirectory(_ path: String) throws(FileError) -> Bool {
    try withState("create", path) { state throws(FileError) in
      if state.missingDirectories.contains(where: { path.hasPrefix($0 + "/") }) {
        throw FileError("create", ENOENT, path: path)
      }
      return state.missingDirectories.remove(path) != nil
    }
  }

  func lock(_ file: Int32) throws(FileError) -> Bool {
    try withInode(file, "lock") { state, inode, fault throws(FileError) in
      if let fault { throw fault }
      if inode.isLocked { return false }
      inode.isLocked = true
      if let number = state.handles[file]?.inode { state.lockHolders[number] = file }
      return true
    }
  }

  func unlock(_ file: Int32) {
    state.withLock { state in
      if let inode = state.handles[file]?.inode { state.inodes[inode]?.isLocked = false }
    }
  }

  private func withState<R>(
    _ action: String, _ path: String, _ body: (inout State) throws(FileError) -> R
  ) throws(FileError) -> R {
    letOthersGo(action, path)
    let result: Result<R, FileError> = state.withLock { state in
      if let fault = state.fault(action, path) { return .failure(fault) }
      do throws(FileError) { return .success(try body(&state)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private func withInode<R>(
    _ file: Int32, _ action: String, _ body: (inout State, inout Inode, FileError?) throws(FileError) -> R
  ) throws(FileError) -> R {
    letOthersGo(action, state.withLock { $0.handles[file]?.path } ?? "")
    let result: Result<R, FileError> = state.withLock { state in
      guard let (number, path, _) = state.handles[file], var inode = state.inodes[number] else {
        return .failure(FileError(action, EBADF))
      }
      let fault = state.fault(action, path)
      state.inodes[number] = Inode()
      defer { state.inodes[number] = inode }
      do throws(FileError) { return .success(try body(&state, &inode, fault)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}

extension SimulatedDisk.State {
  var freeBytes: Int {
    capacityBytes == .max
      ? .max / 2
      : capacityBytes
        - Set(names.values).reduce(0) { $0 + (inodes[$1].map { max($0.cached.count, $0.allocatedBytes) } ?? 0) }
  }

  /// What is to run before the call, if anything.
  mutating func takeInterlude(_ action: String, _ path: String) -> (@Sendable () -> Void)? {
    guard let interlude = interludes[action], path.hasSuffix(interlude.name) else { return nil }
    interludes[action] = nil
    return interlude.body
  }

  /// The error that the call is to fail with, if any.
  mutating func fault(_ action: String, _ path: String) -> FileError? {
    calls[action, default: 0] += 1
    guard var fault = faults[action], fault.name.isEmpty || path.hasSuffix(fault.name) else { return nil }
    if fault.after > 0 {
      fault.after -= 1
      faults[action] = fault
      return nil
    }
    fault.times -= 1
    faults[action] = fault.times > 0 ? fault : nil
    return FileError(action, fault.number, path: path)
  }
}
