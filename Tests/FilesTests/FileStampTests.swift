import Foundation
import Glibc
import Testing

@testable import Files

@Suite struct FileStampTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var path: String { "\(folder.path)/a" }

  private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

  @Test func aFileThatIsOldEnoughIsStillWhatItWas() async throws {
    try write("one")
    let fresh = try #require(FileStamp(path, maxBytes: 3))
    // Another change could bear the same time.
    #expect(!fresh.isStill(path))
    try await Task.sleep(for: .milliseconds(2100))
    let old = try #require(FileStamp(path, maxBytes: 3))
    #expect(old == fresh && old.isStill(path))
    #expect(chmod(path, 0o640) == 0)
    #expect(!old.isStill(path))
    #expect(FileStamp(path, maxBytes: 3) == old)
    #expect(unlink(path) == 0)
    #expect(!old.isStill(path))
  }

  @Test func whatIsLargerOrNoFileHasNone() throws {
    #expect(FileStamp(path, maxBytes: 3) == nil)
    try write("four")
    #expect(FileStamp(path, maxBytes: 4) != nil)
    #expect(FileStamp(path, maxBytes: 3) == nil)
    #expect(FileStamp(folder.path, maxBytes: 3) == nil)
  }

  @Test func aPipeIsNotOpened() throws {
    #expect(mkfifo(path, 0o600) == 0)
    #expect(FileStamp(path, maxBytes: 3) == nil)
    // Whoever opens it to write and does not wait hears whether somebody reads.
    #expect(open(path, O_WRONLY | O_NONBLOCK) < 0 && errno == ENXIO)
  }
}
