import Glibc
import Synchronization
import Testing

@testable import FrameQueues

/// The queue on the machine's own disk, with its thread.
@Suite struct SystemFileSystemTests {
  private let directory: String

  init() throws {
    var template = Array("/tmp/sluice-queue-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    directory = String(cString: made)
  }

  private func remove() {
    let files = SystemFileSystem()
    for name in (try? files.names(in: directory)) ?? [] where name != "." && name != ".." {
      try? files.remove(directory + "/" + name)
    }
    rmdir(directory)
  }

  private var options: DiskQueueOptions {
    var options = DiskQueueOptions(capacityBytes: 8 << 20)
    options.segmentBytes = 256 << 10
    return options
  }

  @Test func keepsFramesFromOneOpeningToTheNext() throws {
    defer { remove() }
    let queue = try DiskQueue.open(directory, options: options)
    for number in 0..<UInt8(100) { try queue.append([UInt8](repeating: number, count: 10_000)) }
    queue.shutdown()
    let again = try DiskQueue.open(directory, options: options) { Issue.record("\($0)") }
    #expect(again.queued == FrameTotals(bytes: 1_000_000, records: 100))
    var bytes: [UInt8] = []
    while let lease = again.lease(maxBytes: 70_000) {
      bytes += lease.bytes
      again.acknowledge(lease)
    }
    #expect(bytes == (0..<100).flatMap { [UInt8](repeating: $0, count: 10_000) })
    again.shutdown()
    let files = try SystemFileSystem().names(in: directory).filter { $0.hasSuffix(".frames") }
    #expect(files.isEmpty)
  }

  @Test func aSecondQueueOnTheDirectoryIsToldWhoHasIt() throws {
    defer { remove() }
    let queue = try DiskQueue.open(directory, options: options)
    #expect(throws: DiskQueueError.locked(directory: directory, processID: "\(getpid())")) {
      _ = try DiskQueue.open(directory, options: options)
    }
    queue.shutdown()
    try DiskQueue.open(directory, options: options).shutdown()
  }

  @Test func aPathThatIsNoDirectoryIsAnErrorThatNamesIt() throws {
    defer { remove() }
    let path = directory + "/file"
    SystemFileSystem().close(try SystemFileSystem().open(path, .createNew))
    #expect { _ = try DiskQueue.open(path) } throws: { "\($0)".contains(path) }
    #expect { _ = try DiskQueue.open(path + "/none/queue") } throws: { "\($0)".contains("Not a directory") }
  }

  /// Opening a named pipe would wait for somebody at its other end.
  @Test(.timeLimit(.minutes(1)), arguments: ["LOCK", "cursor", "00000000000000000001.frames"])
  func aPipeWithTheNameOfAFileIsRefusedByItsName(_ name: String) throws {
    defer { remove() }
    let path = directory + "/" + name
    #expect(mkfifo(path, 0o600) == 0)
    let error = DiskQueueError.file(.notRegular(path))
    #expect("\(error)" == "\(path) is not a regular file")
    #expect(throws: error) { _ = try DiskQueue.open(directory, options: options) }
    #expect(throws: error) { try DiskQueue.check(directory, fingerprint: 0) }
    // The lock is not looked at.
    if name != "LOCK" { #expect(throws: error) { _ = try DiskQueueContent.read(directory) } }
  }

  @Test(arguments: ["/dev/zero", "/tmp"]) func onlyRegularFilesAreOpened(_ path: String) throws {
    #expect(throws: FileError.notRegular(path)) { _ = try SystemFileSystem().open(path, .read) }
  }

  @Test func allMissingLevelsOfADirectoryAreMadeForItsOwnerAlone() throws {
    defer { remove() }
    try DiskQueue.open(directory + "/a/b//queue/").shutdown()
    for level in ["/a", "/a/b", "/a/b/queue"] {
      var status = stat()
      #expect(stat(directory + level, &status) == 0 && status.st_mode & 0o777 == 0o700)
    }
    for path in ["/a/b/queue/LOCK", "/a/b/queue/cursor"] { unlink(directory + path) }
    for level in ["/a/b/queue", "/a/b", "/a"] { rmdir(directory + level) }
  }

  @Test func nobodyElseMayReadItsFiles() throws {
    defer { remove() }
    let queue = try DiskQueue.open(directory, options: options)
    try queue.append([1])
    queue.shutdown()
    let names = try SystemFileSystem().names(in: directory).filter { $0 != "." && $0 != ".." }
    #expect(names.count >= 3)
    for name in names {
      var status = stat()
      #expect(stat(directory + "/" + name, &status) == 0 && status.st_mode & 0o777 == 0o600, "\(name)")
    }
  }

  @Test(arguments: [false, true])
  func manyAppendersAreToldOfDurabilityAndNothingIsLostOrTakenTwice(leavesWritingToSync: Bool) async throws {
    defer { remove() }
    var options = options
    options.leavesWritingToSync = leavesWritingToSync
    let queue = try DiskQueue.open(directory, options: options) { if $0 != .began { Issue.record("\($0)") } }
    let (appenders, appends) = (8, 100)
    let sums = try await withThrowingTaskGroup(of: Int.self) { group in
      for appender in 0..<appenders {
        group.addTask { try await Self.append(appends, to: queue, marked: UInt8(appender)) }
      }
      group.addTask { await Self.lease(from: queue, until: appenders * appends) }
      var sums: [Int] = []
      for try await sum in group { sums.append(sum) }
      return sums
    }
    #expect(sums.reduce(0, +) == 0)
    #expect(queue.queued == .zero && queue.waiting == .zero && queue.reservedBytes == 0)
    #expect(queue.counters.appends == appenders * appends && queue.counters.lost == .zero)
    queue.shutdown()
  }

  /// Appends frames, each once the one before is durable; returns the sum of their bytes.
  private static func append(_ count: Int, to queue: DiskQueue, marked mark: UInt8) async throws -> Int {
    var random = SplitMix(seed: UInt64(mark))
    var sum = 0
    for _ in 0..<count {
      let bytes = [UInt8](repeating: mark, count: 1 + random.below(5000))
      sum += bytes.count * (Int(mark) + 1)
      while (try? queue.reserve(bytes.count)) == nil { await Task.yield() }
      let position = try queue.append(bytes)
      let refusal = await withCheckedContinuation { continuation in
        queue.whenDurable(position) { continuation.resume(returning: $0) }
      }
      #expect(refusal == nil)
    }
    return sum
  }

  /// Leases and acknowledges frames until there were so many; returns the negative sum of their bytes.
  private static func lease(from queue: DiskQueue, until records: Int) async -> Int {
    var (left, sum) = (records, 0)
    while left > 0 {
      guard let lease = queue.lease(maxBytes: 20_000) else {
        try? await Task.sleep(for: .milliseconds(1))
        continue
      }
      left -= lease.records
      sum += lease.bytes.reduce(0) { $0 + Int($1) + 1 }
      queue.acknowledge(lease)
    }
    return -sum
  }

  @Test func writesMorePartsThanTheSystemTakesAtOnceAndReadsToTheEndOfTheFile() throws {
    defer { remove() }
    let files = SystemFileSystem()
    let file = try files.open(directory + "/parts", .createNew)
    defer { files.close(file) }
    let bytes = [UInt8]((0..<3000).map { UInt8($0 % 251) })
    try bytes.withUnsafeBytes { bytes in
      try files.write((0..<3000).map { UnsafeRawBufferPointer(rebasing: bytes[$0..<($0 + 1)]) }, to: file, at: 10)
    }
    try files.allocate(file, upTo: 100_000)
    #expect(try files.size(of: file) == 3010)
    var read = [UInt8](repeating: 9, count: 4000)
    let count = try read.withUnsafeMutableBytes { try files.read(into: $0, from: file, at: 5) }
    #expect(count == 3005 && read[..<5] == [0, 0, 0, 0, 0] && Array(read[5..<3005]) == bytes)
  }
}
