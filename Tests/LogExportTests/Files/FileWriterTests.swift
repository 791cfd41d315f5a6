import Glibc
import LogPipeline
import Synchronization
import Testing

@testable import LogExport

@Suite struct FileWriterTests: FilesOfSenders {
  @Test func appendsToWhatIsThere() async throws {
    try await withFolder { folder in
      for line in ["one\n", "two\n"] {
        let sender = try sender(folder + "/logs.json", { $0.syncs = true })
        #expect(await send(sender, line).answer?.status == .local)
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

  /// While one that shares the file is busy with old backups another may fill the new file, and set it aside too.
  @Test func theLimitHoldsThoughAnotherFillsTheNewFile() async throws {
    try await withFolder { folder in
      var options = FileSenderOptions()
      options.path = folder + "/logs.json"
      options.isShared = true
      options.rotation = FileRotation()
      options.rotation?.maxBytes = 10
      options.rotation?.maxBackups = 1
      let failures = Mutex<[FileFailure?]>([])
      @Sendable func append(_ line: String, to writer: inout FileWriter) {
        let failure = Array(line.utf8).withUnsafeBytes { writer.append($0) }
        failures.withLock { $0.append(failure) }
      }
      let other = Mutex(FileWriter(options, time: .system))
      let removed = Mutex<[String]>([])
      var writer = FileWriter(options, time: .system) { path in
        removed.withLock { $0.append(text(path) ?? "") }
        unlink(path)
        if removed.withLock({ $0.count }) == 1 {
          for line in ["four567\n", "five678\n"] { other.withLock { append(line, to: &$0) } }
        }
      }
      for line in ["one4567\n", "two4567\n", "three67\n"] { append(line, to: &writer) }
      writer.close()
      other.withLock { $0.close() }
      #expect(failures.withLock { $0 } == Array(repeating: nil, count: 5))
      #expect(text(options.path) == "three67\n" && removed.withLock { $0 } == ["one4567\n", "four567\n"])
    }
  }

  @Test func makesFoldersOnlyIfToldTo() async throws {
    try await withFolder { folder in
      let without = try sender(folder + "/a/b/logs.json")
      let result = await send(without, "x\n")
      #expect(result.isRetryable && result.failure?.contains("No such file or directory") == true)
      await without.close()
      let with = try sender(folder + "/a/b/logs.json", { $0.createsDirectory = true })
      #expect(await send(with, "x\n").answer?.status == .local)
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
      #expect(await send(sender, String(repeating: "x", count: 100)).answer?.status == .local)
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

  /// Another program copies the file and cuts it (`copytruncate`), and then the disk is full: what is taken back must
  /// not leave a hole up to where the file once ended.
  @Test func leavesNoHoleInAFileThatAnotherProgramCut() async throws {
    try await withFolder { folder in
      let path = folder + "/logs.json"
      let limitBytes = 256 << 20
      let sender = try sender(path)
      #expect(await send(sender, String(repeating: "x", count: 1000)).answer?.status == .local)
      // Only the last bytes before the limit are left, in a sparse file that was longer before.
      #expect(truncate(path, off_t(limitBytes + 5000)) == 0)
      #expect(await send(sender, "y").answer?.status == .local)
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
      #expect(await send(sender, "one\n").answer?.status == .local)
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
      #expect(await task.value.answer?.status == .local)
      #expect(drained(reader) == "\n{}\n")
      close(reader)
      await sender.close()
    }
  }
}
