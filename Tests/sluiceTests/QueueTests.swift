import ArgumentParser
import Foundation
import FrameQueues
import Gateway
import Testing

@testable import sluice

@Suite struct QueueTests {
  @Test func everyCommandIsFound() throws {
    let show = try Sluice.parseAsRoot(["queue", "show", "--directory", "/d", "--verify", "--json"])
    #expect((show as? QueueCommand.Show)?.verify == true)
    let drain = try Sluice.parseAsRoot(["queue", "drain", "--directory", "/d", "--config", "f", "--exporter", "file/a"])
    #expect((drain as? QueueCommand.Drain)?.exporter == "file/a")
  }

  @Test(arguments: [["show"], ["drain", "--config", "f.yaml"], ["drain", "--directory"]])
  func wrongUsageEndsWithExitCode64(arguments: [String]) {
    #expect { try Sluice.parseAsRoot(["queue"] + arguments) } throws: { Sluice.exitCode(for: $0).rawValue == 64 }
  }

  @Test(arguments: [["show"], ["drain", "--config", "yaml:{}"]])
  func aFolderThatCannotBeReadEndsTheCommand(arguments: [String]) async throws {
    var command = try Sluice.parseAsRoot(["queue"] + arguments + ["--directory", "/no/such"])
    let code = arguments[0] == "show" ? 1 : 78
    await #expect { try await run(&command) } throws: { Sluice.exitCode(for: $0).rawValue == code }
  }

  private func run(_ command: inout any ParsableCommand) async throws {
    if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
  }

  @Test func numbersHaveTheirPlural() {
    #expect([counted(0, "record"), counted(1, "record"), counted(2, "byte")] == ["0 records", "1 record", "2 bytes"])
  }

  @Test func aFolderThatIsNoQueueIsAnError() async throws {
    var command = try Sluice.parseAsRoot(["queue", "show", "--directory", "/proc/self"])
    await #expect { try await run(&command) } throws: { Sluice.exitCode(for: $0).rawValue == 1 }
  }

  @Test func aFolderWithoutSegmentsIsShownAsEmpty() throws {
    let content = try DiskQueueContent.read("/proc/self")
    #expect(QueueCommand.Show.lines(content, asJSON: false) == ["0 records, 0 bytes queued in 0 segments."])
    #expect(
      QueueCommand.Show.lines(content, asJSON: true) == [
        "{\"segments\":0,\"records\":0,\"bytes\":0,\"corrupt_bytes\":0,\"lost\":0,\"missing\":[],"
          + "\"unreadable_files\":0,\"misnamed_files\":0,\"cursor_damaged\":false,\"cursor_missing\":false}"
      ])
  }

  @Test func aSegmentWithAnothersNameAndAMissingCursorAreTold() throws {
    let folder = NSTemporaryDirectory() + "queue-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let queue = try DiskQueue.open(folder)
    try [UInt8](repeating: 1, count: 10).withUnsafeBytes {
      _ = try queue.append($0, frames: [FrameMark(endOffset: 10, records: 3)])
    }
    queue.shutdown()
    let (name, other) = ("00000000000000000001.frames", "00000000000000000002.frames")
    try FileManager.default.moveItem(atPath: "\(folder)/\(name)", toPath: "\(folder)/\(other)")
    try FileManager.default.removeItem(atPath: "\(folder)/cursor")
    let content = try DiskQueueContent.read(folder)
    let lines = QueueCommand.Show.lines(content, asJSON: false)
    #expect(lines.first?.hasPrefix("\(other)  ") == true)
    #expect(lines.first?.hasSuffix("  3 records, 10 bytes of 4202, by its header \(name)") == true)
    #expect(
      lines.suffix(2) == [
        "Files that have the name of another segment: \(other).", "The cursor is missing: everything counts as queued.",
      ])
    let objects = QueueCommand.Show.lines(content, asJSON: true)
    #expect(objects.first?.hasPrefix("{\"segment\":\"\(other)\",\"header\":\"\(name)\",\"records\":3,") == true)
    #expect(objects.last?.hasSuffix("\"misnamed_files\":1,\"cursor_damaged\":false,\"cursor_missing\":true}") == true)
  }

  @Test func outcomesSayWhereEveryRecordIs() {
    var outcome = QueueDrain.Outcome(exporter: "file/a", delivered: 5, duplicates: 2)
    let text = { QueueCommand.Drain.text(outcome, asJSON: false) }
    #expect(text() == "5 records delivered by file/a, 2 of them already there; 0 refused; 0 left.")
    (outcome.rejected, outcome.left) = (1, 3)
    #expect(
      text()
        == "5 records delivered by file/a, 2 of them already there; 1 refused (gone, as file/a has no dead_letter);"
        + " 3 left.")
    (outcome.deadLetters, outcome.lost) = ("/dead.ndjson", 4)
    #expect(
      text() == "5 records delivered by file/a, 2 of them already there; 1 refused (kept in /dead.ndjson);"
        + " 4 lost to damage of the disk; 3 left.")
    #expect(
      QueueCommand.Drain.text(outcome, asJSON: true)
        == "{\"exporter\":\"file/a\",\"delivered\":5,\"duplicates\":2,\"refused\":1,\"dead_lettered\":true,\"lost\":4,"
        + "\"left\":3,\"corrupt_bytes\":0,\"set_aside_segments\":0,\"missing_frames\":0}")
    (outcome.deadLetters, outcome.rejected, outcome.lost, outcome.left) = (nil, 0, 0, 0)
    (outcome.setAsideSegments, outcome.missingFrames, outcome.isUnclosed) = (1, 7, true)
    #expect(
      text() == "5 records delivered by file/a, 2 of them already there; 0 refused; 0 left. Set aside: 1 damaged"
        + " segment; what cannot be read there is not sent. In no segment: 7 frames of records. The disk does not"
        + " answer: what was delivered last may be sent again.")
    #expect(QueueCommand.Drain.text(outcome, asJSON: true).hasSuffix("\"set_aside_segments\":1,\"missing_frames\":7}"))
  }
}
