import Foundation
import Options
import Synchronization
import Testing

@testable import Gateway

@Suite struct LogWriterTests {
  /// A pipe whose reader takes nothing until it is told to.
  private final class Pipe {
    let reader: Int32
    let writer: Int32

    init() throws {
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      (reader, writer) = (ends[0], ends[1])
    }

    /// Reads until nothing has come for a while.
    func readAll() -> String {
      _ = fcntl(reader, F_SETFL, O_NONBLOCK)
      var (all, chunk) = (Data(), [UInt8](repeating: 0, count: 1 << 16))
      var quiet = 0
      while quiet < 100 {
        let count = read(reader, &chunk, chunk.count)
        if count > 0 {
          all.append(contentsOf: chunk[..<count])
          quiet = 0
        } else {
          quiet += 1
          usleep(2000)
        }
      }
      return String(decoding: all, as: UTF8.self)
    }

    deinit {
      close(reader)
      close(writer)
    }
  }

  @Test func writesWhatItIsGivenInOrder() throws {
    let pipe = try Pipe()
    let writer = LogWriter(descriptor: pipe.writer)
    for number in 0..<1000 { writer.write("line \(number)\n") }
    writer.flush()
    #expect(pipe.readAll() == (0..<1000).map { "line \($0)\n" }.joined())
    #expect(writer.droppedLines == 0)
  }

  @Test func whoeverLogsNeverWaitsAndWhatDoesNotFitIsCountedAndTold() throws {
    let pipe = try Pipe()
    let writer = LogWriter(descriptor: pipe.writer)
    let line = String(repeating: "x", count: 990)
    let began = ContinuousClock.now
    for number in 0..<20_000 { writer.write("\(10_000 + number) \(line)\n") }
    writer.flush(within: .milliseconds(100))
    #expect(.now - began < .seconds(10))
    let dropped = writer.droppedLines
    // 1 MiB waits, 64 KiB are in the pipe and as much on the way to it.
    #expect((20_000 - 1300...20_000 - 900).contains(dropped), "\(dropped)")
    let lines = pipe.readAll().split(separator: "\n")
    let told = lines.compactMap { line in
      line.firstRange(of: "log line").flatMap { _ in Int(line.split(separator: "=").last ?? "") }
    }
    #expect(lines.count == 20_000 - dropped + told.count && told.reduce(0, +) == dropped)
    #expect(lines.last?.contains(" warning log lines were left out lines=") == true)
    writer.write("after\n")
    #expect(pipe.readAll() == "after\n" && writer.droppedLines == dropped)
  }

  @Test func theFirstLineAfterAGapFollowsAWordAboutIt() throws {
    let pipe = try Pipe()
    let writer = LogWriter(descriptor: pipe.writer)
    let line = String(repeating: "x", count: 100_000)
    for number in 0..<30 { writer.write("\(number) \(line)\n") }
    let dropped = writer.droppedLines
    var chunk = [UInt8](repeating: 0, count: 300_000)
    var taken = 0
    while taken < 300_000 { taken += max(read(pipe.reader, &chunk, chunk.count), 0) }
    usleep(50_000)
    writer.write("after\n")
    let rest = pipe.readAll()
    // Some of them may have been told before, if there was room between two lines that were left out.
    let last = rest.split(separator: "\n").suffix(2)
    let told = last.first.flatMap { Int($0.split(separator: "=").last ?? "") } ?? 0
    #expect(last.first?.contains("log lines were left out") == true && last.last == "after")
    #expect(dropped > 0 && (1...max(dropped, 1)).contains(told), "\(rest.suffix(200))")
  }

  @Test func aLineThatComesAgainUnderPressureTakesNoMemory() throws {
    let pipe = try Pipe()
    let writer = LogWriter(descriptor: pipe.writer)
    for number in 0..<200 { writer.write("\(number) \(String(repeating: "x", count: 1000))\n") }
    for number in 0..<100_000 { writer.write("\(100_000 + number) the same\n", contentFrom: 6) }
    writer.write("other\n")
    #expect(writer.droppedLines == 0)
    let lines = pipe.readAll().split(separator: "\n").suffix(3)
    #expect(lines.first == "100000 the same")
    #expect(lines.dropFirst().first?.hasSuffix("warning the last log line came again times=99999") == true)
    #expect(lines.last == "other")
  }

  @Test func aFullDiskCostsTheLinesAndNothingElse() throws {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let writer = LogWriter(descriptor: full)
    for number in 0..<100 { writer.write("line \(number)\n") }
    writer.flush()
    let dropped = writer.droppedLines
    #expect(dropped >= 100)
    usleep(100_000)
    // It does not go on saying that it cannot say anything.
    #expect(writer.droppedLines <= dropped + 1)
  }

  @Test func aDescriptorThatDoesNotBlockIsWaitedFor() throws {
    let pipe = try Pipe()
    _ = fcntl(pipe.writer, F_SETFL, O_NONBLOCK)
    let writer = LogWriter(descriptor: pipe.writer)
    let lines = (0..<50).map { "\($0)" + String(repeating: "x", count: 10_000) + "\n" }
    for line in lines { writer.write(line) }
    usleep(20_000)
    #expect(pipe.readAll() == lines.joined() && writer.droppedLines == 0)
  }
}
