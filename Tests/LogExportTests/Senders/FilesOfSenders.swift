import Glibc
import LogPipeline
import Synchronization
import Testing

@testable import LogExport

/// Suites that send to files in a folder of their own.
protocol FilesOfSenders {}

extension FilesOfSenders {
  /// A folder of its own, gone after the test.
  func withFolder(_ use: (String) async throws -> Void) async throws {
    var template = Array(("/tmp/file-sender-" + String(repeating: "X", count: 6)).utf8CString)
    guard let made = mkdtemp(&template) else { throw SenderConfigurationError("no folder") }
    let folder = String(cString: made)
    defer { remove(folder) }
    try await use(folder)
  }

  func remove(_ folder: String) {
    for name in files(folder) where unlink("\(folder)/\(name)") != 0 { remove("\(folder)/\(name)") }
    rmdir(folder)
  }

  func files(_ folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  func text(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  func sender(
    _ path: String, clock: TestClock = TestClock(), _ change: (inout FileSenderOptions) -> Void = { _ in }
  ) throws -> FileSender {
    var options = FileSenderOptions()
    options.path = path
    change(&options)
    return try FileSender(options, time: clock.time)
  }

  func send(_ sender: FileSender, _ text: String) async -> SendResult {
    await sender.send(body(text), along: .local, timeout: .seconds(5))
  }

  func withPipe(_ use: (String) async throws -> Void) async throws {
    signal(SIGPIPE, SIG_IGN)
    try await withFolder { folder in
      try #require(mkfifo(folder + "/pipe", 0o600) == 0)
      try await use(folder + "/pipe")
    }
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
