import Foundation
import Testing

@testable import LogExport

@Suite struct DeadLetterReaderTests {
  private let folder = LetterFolder()

  private func lines() throws -> [(Range<Int>, String)] {
    var reader = try DeadLetterReader(path: folder.path)
    var lines: [(Range<Int>, String)] = []
    while let line = try reader.next() { lines.append((line.range, String(decoding: line.bytes, as: UTF8.self))) }
    #expect(reader.offset == lines.last?.0.upperBound ?? 0)
    return lines
  }

  @Test func linesKnowWhereTheyLieAndTheLastNeedsAnEnd() throws {
    folder.append("one\n\nthree\nfour")
    let lines = try lines()
    #expect(lines.map(\.0) == [0..<4, 4..<5, 5..<11] && lines.map(\.1) == ["one", "", "three"])
  }

  @Test func linesLongerThanAChunkAreRead() throws {
    let long = String(repeating: "x", count: 600_000)
    folder.append("a\n" + long + "\nb\n")
    #expect(try lines().map(\.1) == ["a", long, "b"])
  }

  /// Opening a pipe would wait for a writer, reading a device would not end.
  @Test func onlyRegularFilesAreRead() throws {
    let pipe = NSTemporaryDirectory() + "letters-\(UUID().uuidString)"
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    for path in [pipe, "/dev/zero", "/tmp"] {
      #expect(throws: FileFailure("\(path) is not a regular file")) { _ = try openRegularFile(path) }
    }
  }
}
