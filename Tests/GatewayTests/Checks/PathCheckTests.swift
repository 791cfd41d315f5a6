import Files
import Foundation
import FrameQueues
import Options
import Testing

@testable import Gateway

/// What `sluice validate` and `sluice run` say of folders and files; `Tests/EndToEnd/test_paths.py` runs both.
@Suite struct PathCheckTests {
  private func problems(_ yaml: String) -> [String] {
    do throws(ConfigurationError) {
      let sources = [ConfigSource.text(yaml, name: "f.yaml")]
      return try Configuration.load(sources, registry: .standard, forThisMachine: true) { _ in nil }.warnings
        .map(\.description)
    } catch {
      return error.problems.map(\.description)
    }
  }

  private func file(_ options: String) -> [String] { problems(withExporter("file", options)) }
  private func nop(_ options: String) -> [String] { problems(withExporter("nop", options)) }

  /// Two exporters on lines 3 and 4, and an extension on line 5.
  private func two(_ first: String, _ second: String, storage: String = "") -> [String] {
    problems(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      exporters:
        file/a/b: {\(first)}
        file/a_b: {\(second)}
      \(storage.isEmpty ? "" : "extensions: {file_storage: {\(storage)}}")
      service:
        telemetry: {metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], exporters: [file/a/b, file/a_b]}}
      \(storage.isEmpty ? "" : "  extensions: [file_storage]")
      """)
  }

  @Test func aFileIsNeeded() {
    #expect(file("").contains { $0.hasSuffix("exporters.file.path: required, but not given") })
    #expect(file("path: \"\"").count == 1)
    #expect(file("path: \"a\\0b\"") == ["f.yaml:4:5: exporters.file.path: holds a NUL character"])
  }

  @Test func aFolderThatIsMissingIsAnError() throws {
    let folder = try TemporaryFolder()
    #expect(
      file("path: \(folder.path)/a/b/logs.json") == [
        "f.yaml:4:5: exporters.file.path: the folder \"\(folder.path)/a/b\" is missing (create_directory: true makes it)"
      ])
    #expect(file("path: \(folder.path)/a/b/logs.json\ncreate_directory: true") == [])
    #expect(
      nop("dead_letter: {path: \(folder.path)/a/letters}") == [
        "f.yaml:4:19: exporters.nop.dead_letter.path: the folder \"\(folder.path)/a\" is missing"
      ])
    #expect(access("\(folder.path)/a", F_OK) != 0, "nothing was made")
  }

  @Test func aFolderIsNoFileAndAFileNoFolder() throws {
    let folder = try TemporaryFolder()
    let other = try TemporaryFile("x")
    #expect(file("path: \(folder.path)") == ["f.yaml:4:5: exporters.file.path: \"\(folder.path)\" is a folder"])
    #expect(
      file("path: \(folder.path)/a/") == [
        "f.yaml:4:5: exporters.file.path: \"\(folder.path)/a/\" is the name of a folder"
      ])
    #expect(
      file("path: \(other.path)/logs.json") == ["f.yaml:4:5: exporters.file.path: \"\(other.path)\" is not a folder"])
    #expect(
      nop("sending_queue: {directory: \(other.path)}") == [
        "f.yaml:4:21: exporters.nop.sending_queue.directory: \"\(other.path)\" is not a folder"
      ])
    #expect(
      nop("queue: {directory: \(other.path)/a/b}") == [
        "f.yaml:4:13: exporters.nop.queue.directory: \"\(other.path)\" is not a folder"
      ])
    #expect(
      nop("dead_letter: {path: \(folder.path)}") == [
        "f.yaml:4:19: exporters.nop.dead_letter.path: \"\(folder.path)\" is a folder"
      ])
  }

  @Test func nothingIsOpenedOrMade() throws {
    let folder = try TemporaryFolder()
    #expect(
      nop(
        "dead_letter: {path: \(folder.path)/letters}\nsending_queue: {directory: \(folder.path)/a/b/queue}") == [])
    #expect(file("path: \(folder.path)/logs.json") == [])
    #expect(folder.text("logs.json") == nil && access("\(folder.path)/a", F_OK) != 0)
    let existing = try TemporaryFile("kept")
    #expect(file("path: \(existing.path)\nappend: false") == [])
    #expect(try readFile(existing.path, maxBytes: 10) == Array("kept".utf8))
  }

  @Test func devicesAreFilesAndMayBeShared() {
    #expect(file("path: /dev/stdout") == [])
    #expect(two("path: /dev/null", "path: /dev/null") == [])
  }

  @Test func aFileAndAFolderBelongToOneExporter() throws {
    let folder = try TemporaryFolder()
    symlink(folder.path, "\(folder.path)/link")
    let (path, link) = (folder.path, "\(folder.path)/link")
    #expect(
      two("path: \(path)/logs", "path: \(link)/logs") == [
        "f.yaml:4:14: exporters.file/a_b.path: exporters.file/a/b.path is the same file (f.yaml:3:14)"
      ])
    let queue = { (directory: String) in "path: /dev/null, sending_queue: {directory: \(directory)}" }
    for other in ["\(path)/q", "\(path)/q/", "\(path)//q", "\(path)/./q", "\(path)/a/../q", "\(link)/q"] {
      let found = two(queue("\(path)/q"), queue(other))
      #expect(
        found == [
          "f.yaml:4:47: exporters.file/a_b.sending_queue.directory: exporters.file/a/b.sending_queue.directory is the "
            + "same folder (f.yaml:3:47)"
        ], "\(other)")
    }
    #expect(two(queue("\(path)/q"), queue("\(path)/q2")) == [])
  }

  @Test func namesThatAreOneFolderOfAStorageAreFound() throws {
    let folder = try TemporaryFolder()
    let queue = "path: /dev/null, sending_queue: {storage: file_storage}"
    let found = two(queue, queue, storage: "directory: \(folder.path)")
    #expect(
      found.count == 1 && found[0].hasPrefix("f.yaml:4:47: exporters.file/a_b.sending_queue.storage: "), "\(found)")
  }

  @Test func deadLettersHaveAFileOfTheirOwnButMayShareIt() throws {
    let folder = try TemporaryFolder()
    let letters = "dead_letter: {path: \(folder.path)/letters}"
    #expect(two("path: \(folder.path)/a, \(letters)", "path: \(folder.path)/b, \(letters)") == [])
    #expect(
      file("path: \(folder.path)/letters\n\(letters)") == [
        "f.yaml:5:19: exporters.file.dead_letter.path: exporters.file.path is the same file (f.yaml:4:5)"
      ])
    #expect(two("path: \(folder.path)/a, \(letters)", "path: \(folder.path)/letters").count == 1)
  }

  @Test func aStorageMayHaveToBeThere() throws {
    let folder = try TemporaryFolder()
    let queue = "path: \(folder.path)/a, sending_queue: {storage: file_storage}"
    let other = "path: \(folder.path)/b"
    #expect(two(queue, other, storage: "directory: \(folder.path)/x/y") == [])
    #expect(two(queue, other, storage: "directory: \(folder.path)/x/y, create_directory: true") == [])
    #expect(
      two(queue, other, storage: "directory: \(folder.path)/x/y, create_directory: false") == [
        "f.yaml:5:29: extensions.file_storage.directory: the folder \"\(folder.path)/x/y\" is missing "
          + "(create_directory: true makes it)"
      ])
  }

  @Test func nothingLiesInTheFolderOfAQueue() throws {
    let folder = try TemporaryFolder()
    symlink(folder.path, "\(folder.path)/link")
    let queue = { (directory: String) in "path: /dev/null, sending_queue: {directory: \(directory)}" }
    let problem = { (option: String, place: String, outer: String) in
      ["f.yaml:\(place): exporters.\(option): lies in the folder of exporters.\(outer), which is for that queue alone"]
    }
    let (a, b) = ("file/a/b.sending_queue.directory", "file/a_b.sending_queue.directory")
    for path in [folder.path, "\(folder.path)/link"] {
      #expect(two(queue("\(folder.path)/q"), queue("\(path)/q/x/y")) == problem(b, "4:47", "\(a) (f.yaml:3:47)"))
      #expect(two(queue("\(path)/q/x"), queue("\(folder.path)/q")) == problem(a, "3:47", "\(b) (f.yaml:4:47)"))
    }
    let letters = "dead_letter: {path: \(folder.path)/q/letters}\nqueue: {directory: \(folder.path)/q}"
    try FileManager.default.createDirectory(atPath: "\(folder.path)/q", withIntermediateDirectories: false)
    #expect(nop(letters) == problem("nop.dead_letter.path", "4:19", "nop.queue.directory (f.yaml:5:13)"))
    #expect(
      file("path: \(folder.path)/q/out\nqueue: {directory: \(folder.path)/q}")
        == problem("file.path", "4:5", "file.queue.directory (f.yaml:5:13)"))
  }

  @Test func fileSystemsOfTheKernelKeepNoFiles() {
    let problem = { (path: String) in
      "\"\(path)\" is of proc, a file system of the kernel that keeps no files of others"
    }
    #expect(
      nop("queue: {directory: /proc/nope/q}") == ["f.yaml:4:13: exporters.nop.queue.directory: \(problem("/proc"))"])
    #expect(file("path: /proc/nope") == ["f.yaml:4:5: exporters.file.path: \(problem("/proc"))"])
    #expect(file("path: /proc/nope/logs\ncreate_directory: true").count == 1)
  }

  @Test func aLinkToNothingIsNoFolder() throws {
    let folder = try TemporaryFolder()
    symlink("/no/such", "\(folder.path)/link")
    #expect(
      nop("queue: {directory: \(folder.path)/link}") == [
        "f.yaml:4:13: exporters.nop.queue.directory: \"\(folder.path)/link\" is a link to nothing"
      ])
  }

  @Test func aQueueOfAnotherDestinationIsFound() throws {
    let folder = try TemporaryFolder()
    var options = DiskQueueOptions(capacityBytes: 8 << 20)
    options.fingerprint = Exporter.fingerprint(of: "elasticsearch bulk")
    let queue = try DiskQueue.open("\(folder.path)/q", options: options)
    try [UInt8](repeating: 1, count: 64).withUnsafeBytes { bytes in
      try queue.reserve(64)
      _ = try queue.append(bytes, frames: [FrameMark(endOffset: 64, records: 1)])
    }
    let directory = "queue: {directory: \(folder.path)/q}"
    #expect(nop(directory).count == 1, "a process that has it open does not matter")
    queue.shutdown()
    #expect(nop(directory).first?.hasSuffix("it was written for another destination or encoding") == true)
    #expect(problems(withExporter("elasticsearch", "endpoint: http://h\n\(directory)")) == [])
  }

  @Test func whatNoPipelineUsesIsNotWritten() throws {
    let found = problems(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      exporters: {nop: , file: {path: /no/such/file}}
      service: {telemetry: {metrics: {level: none}}, pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """)
    #expect(found == ["f.yaml:2:20: warning: exporters.file: defined, but not used in any pipeline"])
  }

  @Test func onlyTheMachineThatRunsItIsLookedAt() {
    #expect(standardProblems(withExporter("file", "path: /no/such/file")) == [])
  }
}
