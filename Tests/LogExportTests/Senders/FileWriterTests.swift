import Glibc
import LogPipeline
import Synchronization
import Testing

@testable import LogExport

@Suite struct FileSenderTests {
  /// A folder of its own, gone after the test.
  private func withFolder(_ use: (String) async throws -> Void) async throws {
    var template = Array(("/tmp/file-sender-" + String(repeating: "X", count: 6)).utf8CString)
    guard let made = mkdtemp(&template) else { throw SenderConfigurationError("no folder") }
    let folder = String(cString: made)
    defer { remove(folder) }
    try await use(folder)
  }

  private func remove(_ folder: String) {
    for name in files(folder) where unlink("\(folder)/\(name)") != 0 { remove("\(folder)/\(name)") }
    rmdir(folder)
  }

  private func files(_ folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  private func text(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private func sender(
    _ path: String, clock: TestClock = TestClock(), _ change: (inout FileSenderOptions) -> Void = { _ in }
  ) throws -> FileSender {
    var options = FileSenderOptions()
    options.path = path
    change(&options)
    return try FileSender(options, time: clock.time)
  }

  private func send(_ sender: FileSender, _ text: String) async -> SendResult {
    await sender.send(body(text), along: .local, timeout: .seconds(5))
  }

  @Test func appendsToWhatIsThere() async throws {
    try await withFolder { folder in
      for line in ["one\n", "two\n"] {
        let sender = try sender(folder + "/logs.json", { $0.syncs = true })
        #expect(await send(sender, line).answer?.status == 200)
        await sender.close()
      }
      #expect(text(folder + "/logs.json") == "one\ntwo\n")
    }
  }

  @Test func startsAnewIfToldTo() async throws {
    try await withFolder { folder in
      for line in ["one\n", "two\n"] {
        let sender = try sender(folder + "/logs.json", { $0.truncates = true })
        _ = await send(sender, line)
        _ = await send(sender, line)
        await sender.close()
      }
      #expect(text(folder + "/logs.json") == "two\ntwo\n")
    }
  }

  @Test func keepsBodiesWholeUnderConcurrency() async throws {
    try await withFolder { folder in
      let sender = try sender(folder + "/logs.json")
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<50 {
          group.addTask { _ = await send(sender, String(repeating: "\(number) ", count: 1000) + "\n") }
        }
      }
      await sender.close()
      let lines = try #require(text(folder + "/logs.json")).split(separator: "\n")
      #expect(lines.count == 50)
      #expect(lines.allSatisfy { Set($0.split(separator: " ")).count == 1 })
    }
  }

  @Test func makesFoldersOnlyIfToldTo() async throws {
    try await withFolder { folder in
      let without = try sender(folder + "/a/b/logs.json")
      let result = await send(without, "x\n")
      #expect(result.isRetryable && result.failure?.contains("No such file or directory") == true)
      await without.close()
      let with = try sender(folder + "/a/b/logs.json", { $0.createsDirectory = true })
      #expect(await send(with, "x\n").answer?.status == 200)
      await with.close()
      #expect(text(folder + "/a/b/logs.json") == "x\n")
    }
  }

  @Test func aFullDiskIsAFailureThatCanBeRetried() async throws {
    let sender = try sender("/dev/full")
    for _ in 0..<3 {
      let result = await send(sender, "secret\n")
      #expect(result.isRetryable)
      #expect(result.failure == "cannot write 7 bytes to /dev/full: write: No space left on device")
    }
    await sender.close()
  }

  /// A limit on file sizes lets a part of a body through, as a disk does that fills up. The file is sparse, and far
  /// larger than what other tests write meanwhile.
  @Test func takesBackThePartThatAFullDiskLetThrough() async throws {
    try await withFolder { folder in
      let path = folder + "/logs.json"
      let limitBytes = 256 << 20
      fclose(fopen(path, "w"))
      #expect(truncate(path, off_t(limitBytes - 10)) == 0)
      signal(SIGXFSZ, SIG_IGN)
      var before = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before)
      var limited = before
      limited.rlim_cur = rlim_t(limitBytes)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limited)
      let sender = try sender(path)
      let result = await send(sender, String(repeating: "x", count: 100))
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before)
      #expect(result.failure == "cannot write 100 bytes to \(path): write: File too large")
      #expect(size(path) == limitBytes - 10)
      #expect(await send(sender, String(repeating: "x", count: 100)).answer?.status == 200)
      #expect(size(path) == limitBytes + 90)
      await sender.close()
    }
  }

  private func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : -1
  }

  @Test func writesAFileAnewThatWasMovedAway() async throws {
    try await withFolder { folder in
      let sender = try sender(folder + "/logs.json")
      _ = await send(sender, "one\n")
      #expect(rename(folder + "/logs.json", folder + "/moved.json") == 0)
      _ = await send(sender, "two\n")
      await sender.close()
      #expect(text(folder + "/moved.json") == "one\n")
      #expect(text(folder + "/logs.json") == "two\n")
    }
  }

  @Test func rotatesBeforeAFileGrowsTooLarge() async throws {
    try await withFolder { folder in
      let clock = TestClock(unixMilliseconds: 1_769_903_999_007)
      let sender = try sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 10
      }
      _ = await send(sender, "12345")
      _ = await send(sender, "67890")
      #expect(files(folder) == ["logs.json"])
      _ = await send(sender, "a")
      #expect(files(folder) == ["logs-2026-01-31T23-59-59.007.json", "logs.json"])
      #expect(text(folder + "/logs-2026-01-31T23-59-59.007.json") == "1234567890")
      _ = await send(sender, "more than ten bytes")
      _ = await send(sender, "b")
      await sender.close()
      #expect(text(folder + "/logs-2026-01-31T23-59-59.008.json") == "a")
      #expect(text(folder + "/logs-2026-01-31T23-59-59.009.json") == "more than ten bytes")
      #expect(text(folder + "/logs.json") == "b")
    }
  }

  @Test func keepsOnlyTheNewestBackups() async throws {
    try await withFolder { folder in
      let clock = TestClock()
      for name in ["logs-notes.json", "other-2020-01-01T00-00-00.000.json"] {
        fclose(fopen("\(folder)/\(name)", "w"))
      }
      let sender = try sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
        $0.rotation?.maxBackups = 2
      }
      for number in 0..<6 {
        _ = await send(sender, "\(number)")
        clock.advance(milliseconds: 1000)
      }
      await sender.close()
      let backups = files(folder).filter { $0.hasPrefix("logs-2") }
      #expect(backups.compactMap { text("\(folder)/\($0)") } == ["3", "4"])
      #expect(files(folder).contains("logs-notes.json") && files(folder).contains("other-2020-01-01T00-00-00.000.json"))
    }
  }

  @Test func removesBackupsThatAreTooOld() async throws {
    try await withFolder { folder in
      let clock = TestClock()
      let sender = try sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
        $0.rotation?.maxDays = 2
      }
      for number in 0..<4 {
        _ = await send(sender, "\(number)")
        clock.advance(milliseconds: 86_400_000)
      }
      await sender.close()
      // "0" was set aside on day 1, "1" on day 2 and "2" on day 3: none is older than two days then.
      #expect(files(folder).filter { $0.hasPrefix("logs-") }.count == 3)
      let later = try self.sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
        $0.rotation?.maxDays = 2
      }
      clock.advance(milliseconds: 1000)
      _ = await send(later, "4")
      await later.close()
      let texts = files(folder).filter { $0.hasPrefix("logs-") }.compactMap { text("\(folder)/\($0)") }
      // A second after the start of day 4, "0" and "1" are.
      #expect(texts == ["2", "3"])
    }
  }

  /// Set back, the clock names backups that sort before those that are there: they must not be taken for the oldest.
  @Test func keepsTheNewestBackupsWhenTheClockIsSetBack() async throws {
    try await withFolder { folder in
      let clock = TestClock()
      let sender = try sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
        $0.rotation?.maxBackups = 3
      }
      for number in 0..<20 {
        _ = await send(sender, "\(number % 10)")
        clock.advance(milliseconds: number == 7 ? -86_400_000 : 1000)
      }
      await sender.close()
      let backups = files(folder).filter { $0.hasPrefix("logs-") }
      #expect(backups.compactMap { text("\(folder)/\($0)") } == ["6", "7", "8"])
      #expect(text(folder + "/logs.json") == "9")
    }
  }

  @Test func stampsFollowEachOther() {
    let cases = [
      ("2026-01-31T23-59-59.007", "2026-01-31T23-59-59.008"), ("2026-01-31T23-59-59.999", "2026-02-01T00-00-00.000"),
      ("2024-02-28T23-59-59.999", "2024-02-29T00-00-00.000"), ("1969-12-31T23-59-59.999", "1970-01-01T00-00-00.000"),
      ("9999-12-31T23-59-59.998", "9999-12-31T23-59-59.999"), ("0000-01-01T00-00-00.000", "0000-01-01T00-00-00.001"),
    ]
    for (stamp, next) in cases {
      #expect(BackupStamp(stamp)?.text == stamp && BackupStamp(stamp)?.next?.text == next)
    }
    #expect(BackupStamp("9999-12-31T23-59-59.999")?.next == nil)
    for odd in ["2026-13-01T00-00-00.000", "2026-02-30T00-00-00.000", "2026-01-01T24-00-00.000", "", "x"] {
      #expect(BackupStamp(odd) == nil)
    }
  }

  @Test func aBackupOfTheLastMomentThereIsIsNotOverwritten() async throws {
    try await withFolder { folder in
      fclose(fopen(folder + "/logs-9999-12-31T23-59-59.999.json", "w"))
      let sender = try sender(folder + "/logs.json") {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
      }
      for number in 0..<4 { _ = await send(sender, "\(number)") }
      await sender.close()
      #expect(files(folder).count == 5)
    }
  }

  @Test func aNewFileIsForThoseWhomTheOldOneWasFor() async throws {
    try await withFolder { folder in
      let path = folder + "/logs.json"
      let sender = try sender(path) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
      }
      _ = await send(sender, "1")
      #expect(chmod(path, 0o640) == 0)
      if geteuid() == 0 { #expect(chown(path, 65534, 65533) == 0) }
      _ = await send(sender, "2")
      await sender.close()
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640 && files(folder).count == 2)
      if geteuid() == 0 { #expect(status.st_uid == 65534 && status.st_gid == 65533) }
    }
  }

  /// Another program copies the file and cuts it (`copytruncate`), and then the disk is full: what is taken back must
  /// not leave a hole up to where the file once ended.
  @Test func leavesNoHoleInAFileThatAnotherProgramCut() async throws {
    try await withFolder { folder in
      let path = folder + "/logs.json"
      let limitBytes = 256 << 20
      let sender = try sender(path)
      #expect(await send(sender, String(repeating: "x", count: 1000)).answer?.status == 200)
      // Only the last bytes before the limit are left, in a sparse file that was longer before.
      #expect(truncate(path, off_t(limitBytes + 5000)) == 0)
      #expect(await send(sender, "y").answer?.status == 200)
      #expect(truncate(path, off_t(limitBytes - 10)) == 0)
      signal(SIGXFSZ, SIG_IGN)
      var before = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before)
      var limited = before
      limited.rlim_cur = rlim_t(limitBytes)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limited)
      let result = await send(sender, String(repeating: "z", count: 100))
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before)
      #expect(result.failure == "cannot write 100 bytes to \(path): write: File too large")
      #expect(size(path) == limitBytes - 10)
      await sender.close()
    }
  }

  // MARK: Pipes

  private func withPipe(_ use: (String) async throws -> Void) async throws {
    signal(SIGPIPE, SIG_IGN)
    try await withFolder { folder in
      try #require(mkfifo(folder + "/pipe", 0o600) == 0)
      try await use(folder + "/pipe")
    }
  }

  /// What can be read at once.
  private func drained(_ reader: Int32) -> String {
    var (all, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while true {
      let count = read(reader, &chunk, chunk.count)
      if count <= 0 { return String(decoding: all, as: UTF8.self) }
      all += chunk[..<count]
    }
  }

  @Test func aPipeWithoutReaderIsAFailureAtOnce() async throws {
    try await withPipe { path in
      let sender = try sender(path)
      let began = ContinuousClock.now
      let result = await send(sender, "x\n")
      #expect(result.isRetryable && result.failure == "cannot open \(path): nobody reads it")
      #expect(.now - began < .seconds(2))
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      #expect(await send(sender, "one\n").answer?.status == 200)
      #expect(drained(reader) == "one\n")
      close(reader)
      #expect(await send(sender, "two\n").isRetryable)
      await sender.close()
    }
  }

  @Test func aReaderThatRestsGetsTheRepetitionOnALineOfItsOwn() async throws {
    try await withPipe { path in
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      let sender = try sender(path)
      let long = String(repeating: "x", count: 200_000)
      let result = await sender.send(body(long + "\n"), along: .local, timeout: .milliseconds(100))
      #expect(result.failure == "cannot write 200001 bytes to \(path): nobody reads" && result.isRetryable)
      let cut = drained(reader)
      #expect(cut.utf8.count >= 4096 && cut.utf8.count < 200_000)
      let task = Task { await send(sender, "{}\n") }
      #expect(await task.value.answer?.status == 200)
      #expect(drained(reader) == "\n{}\n")
      close(reader)
      await sender.close()
    }
  }

  @Test func closingDoesNotWaitForAReader() async throws {
    try await withPipe { path in
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      let sender = try sender(path)
      let began = ContinuousClock.now
      let cancelled = Task { await send(sender, String(repeating: "x", count: 200_000)) }
      try await Task.sleep(for: .milliseconds(50))
      cancelled.cancel()
      #expect(await cancelled.value.isRetryable)
      let waiting = Task { await send(sender, "y") }
      await sender.close()
      #expect(await waiting.value.isRetryable)
      #expect(.now - began < .seconds(3))
      close(reader)
    }
  }

  @Test func needsAPath() {
    #expect(throws: SenderConfigurationError.self) { try FileSender(FileSenderOptions()) }
  }

  @Test func aClosedSenderFails() async throws {
    let sender = try sender("/dev/null")
    await sender.close()
    #expect(await send(sender, "x").isRetryable)
  }
}

/// A clock of the day for tests.
final class TestClock: Sendable {
  private let now: Mutex<Int>

  init(unixMilliseconds: Int = 1_700_000_000_000) { now = Mutex(unixMilliseconds) }

  func advance(milliseconds: Int) { now.withLock { $0 += milliseconds } }

  var time: ExportTime {
    ExportTime(now: { .zero }, sleep: { _ in }, unixMilliseconds: { self.now.withLock { $0 } }, random: { 0 })
  }
}
