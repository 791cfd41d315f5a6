import FrameQueues
import Foundation
import LogExport
import NIOPosix
import Testing

@testable import Gateway

@Suite struct QueueDrainTests {
  private let folder: TemporaryFolder
  private var directory: String { "\(folder.path)/queue" }

  /// A folder with a queue of three requests, written as an exporter of the type writes them.
  init() throws {
    folder = try TemporaryFolder()
  }

  private func fill(_ format: String) throws {
    var options = DiskQueueOptions()
    options.fingerprint = Exporter.fingerprint(of: format)
    let queue = try DiskQueue.open(directory, options: options)
    for number in 0..<3 {
      let line = Array("{\"n\":\(number)}\n".utf8)
      try line.withUnsafeBufferPointer { bytes throws(QueueRefusal) in
        _ = try queue.append(UnsafeRawBufferPointer(bytes), frames: [FrameMark(endOffset: bytes.count, records: 1)])
      }
    }
    queue.shutdown()
  }

  private func configuration(_ exporters: String) throws -> Configuration {
    try loadStandard(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      exporters: {\(exporters), nop: {}}
      service:
        telemetry: {logs: {level: error}, metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
      """)
  }

  private func file(_ id: String, _ options: String = "") -> String {
    "\(id): {path: \(folder.path)/logs.json\(options)}"
  }

  private func failure(_ exporters: String, exporter: String? = nil) async throws -> String {
    do {
      _ = try await QueueDrain.run(directory, exporter: exporter, of: configuration(exporters))
      return "none"
    } catch {
      return "\(error)"
    }
  }

  /// What the `file` exporter's frames are encoded for.
  private func fileFormat() throws -> String {
    let configuration = try configuration(file("file"))
    let component = try #require(configuration.exporters.first { $0.id.type == "file" })
    return component.options.frameFormat
  }

  @Test func theOnlyExporterOfTheKindSendsEverything() async throws {
    try fill(fileFormat())
    let outcome = try await QueueDrain.run(directory, exporter: nil, of: configuration(file("file")))
    #expect(outcome == QueueDrain.Outcome(exporter: "file", delivered: 3) && outcome.isComplete)
    #expect(folder.text("logs.json") == "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n")
    #expect(try DiskQueueContent.read(directory).queued == .zero)
  }

  @Test func ofNothingThereIsNothingLeft() async throws {
    try fill(fileFormat())
    let several = "\(file("file/a")), \(file("file/b"))"
    _ = try await QueueDrain.run(directory, exporter: "file/b", of: configuration(several))
    let again = try await QueueDrain.run(directory, exporter: nil, of: configuration(several))
    #expect(again == QueueDrain.Outcome(exporter: "file/a") && again.isComplete)
    #expect(try await failure("otlphttp: {endpoint: \"http://h\"}").contains("another kind of exporter"))
  }

  /// The second of three frames, its payload or header, also in a segment that a killed process left open: the cursor
  /// knows how much all of them held.
  @Test(arguments: [34, 8], [true, false])
  func whatIsDamagedIsToldOnce(at offset: Int, isClosed: Bool) async throws {
    try fill(fileFormat())
    let segment = try #require(
      FileManager.default.contentsOfDirectory(atPath: directory).first { $0.hasSuffix(".frames") })
    let path = "\(directory)/\(segment)"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[4096 + 32 + 8 + offset] ^= 1
    try bytes.dropLast(isClosed ? 0 : 64).write(to: URL(fileURLWithPath: path))
    let outcome = try await QueueDrain.run(directory, exporter: nil, of: configuration(file("file")))
    #expect(outcome.delivered == 2 && outcome.corruptBytes == 40 && outcome.left == 0 && !outcome.isComplete)
    #expect(outcome.lost == 1)
    #expect(folder.text("logs.json") == "{\"n\":0}\n{\"n\":2}\n")
  }

  @Test func ofSeveralOneHasToBeNamed() async throws {
    try fill(fileFormat())
    let several = "\(file("file/a")), \(file("file/b"))"
    #expect(
      try await failure(several) == "several exporters could send this, say which with --exporter: file/a, file/b")
    let outcome = try await QueueDrain.run(directory, exporter: "file/b", of: configuration(several))
    #expect(outcome == QueueDrain.Outcome(exporter: "file/b", delivered: 3))
  }

  @Test func whatDoesNotFitIsRefusedAndLeft() async throws {
    try fill("something else")
    #expect(
      try await failure(file("file")) == "\(directory) was written for another kind of exporter than file, nop")
    #expect(try await failure(file("file"), exporter: "file").hasSuffix("written for another destination or encoding"))
    #expect(
      try await failure(file("file"), exporter: "fil") == "the configuration has no exporter \"fil\"; it has file, nop")
    #expect(try DiskQueueContent.read(directory).queued.records == 3)
  }

  @Test func aFolderWithoutAQueueIsNotMadeOne() async throws {
    #expect(try await failure(file("file")).contains("No such file or directory"))
    #expect(!FileManager.default.fileExists(atPath: directory))
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    #expect(try await failure(file("file")) == "\(directory) is no queue: it is empty")
    #expect(throws: DiskQueueError.noQueue(directory: folder.path, isEmpty: false, queues: [])) {
      try DiskQueue.checkIsQueue(folder.path)
    }
    #expect(FileManager.default.createFile(atPath: "\(directory)/cursor", contents: nil))
    #expect(throws: DiskQueueError.noQueue(directory: folder.path, isEmpty: false, queues: ["queue"])) {
      try DiskQueue.checkIsQueue(folder.path)
    }
    try FileManager.default.removeItem(atPath: "\(directory)/cursor")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
  }

  /// The header of a segment between two others is destroyed: what was in it is not sent, and the outcome says so.
  @Test func whatWasSetAsideOrIsMissingIsNotComplete() async throws {
    for _ in 0..<3 { try fill(fileFormat()) }
    let segments = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".frames") }
      .sorted()
    try #require(segments.count >= 3)
    let damaged = try #require(fopen("\(directory)/\(segments[1])", "r+"))
    fputs(String(repeating: "x", count: 4096), damaged)
    fclose(damaged)
    let outcome = try await QueueDrain.run(directory, exporter: nil, of: configuration(file("file")))
    #expect(outcome.delivered == 6 && outcome.left == 0 && outcome.setAsideSegments == 1)
    #expect(outcome.missingFrames == 3 && !outcome.isComplete)
    #expect(FileManager.default.fileExists(atPath: "\(directory)/\(segments[1]).corrupt"))
  }

  @Test func anEndThatIsAskedForLeavesTheRestInTheFolder() async throws {
    try fill(fileFormat())
    let stop = StopRequest()
    stop.raise()
    let outcome = try await QueueDrain.run(
      directory, exporter: nil, of: configuration(file("file", ", sending_queue: {batch: {flush_timeout: 1m}}")),
      until: stop)
    #expect(outcome.left == 3 && outcome.delivered == 0 && !outcome.isUnclosed)
    #expect(try DiskQueueContent.read(directory).queued.records == 3)
  }

  @Test func aFolderInUseIsLeftToItsProcess() async throws {
    try fill(fileFormat())
    var options = DiskQueueOptions()
    options.fingerprint = Exporter.fingerprint(of: try fileFormat())
    let queue = try DiskQueue.open(directory, options: options)
    #expect(try await failure(file("file")).hasSuffix("process \(getpid()) has it open"))
    #expect(queue.queuedRecords == 3)
    queue.shutdown()
  }

  @Test func onlyWhatIsDeliveredOrKeptIsComplete() {
    var outcome = QueueDrain.Outcome(exporter: "a", delivered: 1)
    #expect(outcome.isComplete)
    outcome.rejected = 1
    #expect(!outcome.isComplete)
    outcome.deadLetters = "/dead.ndjson"
    #expect(outcome.isComplete)
    outcome.lost = 1
    #expect(!outcome.isComplete)
    (outcome.lost, outcome.left) = (0, 1)
    #expect(!outcome.isComplete)
    (outcome.left, outcome.setAsideSegments) = (0, 1)
    #expect(!outcome.isComplete)
    (outcome.setAsideSegments, outcome.missingFrames) = (0, 1)
    #expect(!outcome.isComplete)
    (outcome.missingFrames, outcome.isUnclosed) = (0, true)
    #expect(!outcome.isComplete)
    outcome.isUnclosed = false
    #expect(outcome.isComplete)
  }
}
