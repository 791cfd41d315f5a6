import Foundation
import Testing

@testable import Files

@Suite struct FileReadingTests {
  private func failure(_ path: String, maxBytes: Int = 100, within limit: Duration = .seconds(5)) -> String {
    do throws(FileReadError) {
      return "read \(try readFile(path, maxBytes: maxBytes, within: limit).count)"
    } catch {
      return error.reason
    }
  }

  @Test func sizesAreCheckedBeforeAByteIsRead() throws {
    let file = try TemporaryFile("12345")
    #expect(failure(file.path, maxBytes: 5) == "read 5")
    #expect(failure(file.path, maxBytes: 4) == "it has 5 bytes, the limit is 4 bytes")
    #expect(truncate(file.path, 1 << 40) == 0)
    #expect(failure(file.path) == "it has 1099511627776 bytes, the limit is 100 bytes")
  }

  @Test func aPipeThatNobodyWritesToIsGivenUp() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/fifo"
    #expect(mkfifo(path, 0o600) == 0)
    let began = ContinuousClock.now
    #expect(
      failure(path, within: .milliseconds(200))
        == "it is a pipe that has not ended within 0.2 seconds, after 0 bytes")
    #expect(.now - began < .seconds(3))
  }

  @Test func aPipeIsReadToItsEnd() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/fifo"
    #expect(mkfifo(path, 0o600) == 0)
    for (bytes, expected) in [(70, "read 70"), (101, "a pipe of at least 101 bytes, the limit is 100 bytes")] {
      Thread.detachNewThread {
        usleep(100_000)
        let end = open(path, O_WRONLY)
        _ = [UInt8](repeating: 65, count: bytes).withUnsafeBytes { write(end, $0.baseAddress, bytes) }
        close(end)
      }
      #expect(failure(path) == expected)
    }
  }

  @Test func aDeviceIsReadUpToTheLimit() {
    #expect(failure("/dev/null") == "read 0")
    #expect(failure("/dev/zero") == "a device of at least 65536 bytes, the limit is 100 bytes")
  }
}
