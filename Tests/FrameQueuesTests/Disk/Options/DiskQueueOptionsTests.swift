import Glibc
import Testing

@testable import FrameQueues

@Suite struct DiskQueueOptionsTests {
  @Test func aSegmentIsAtMostAQuarterOfTheCapacityAndNeverTooSmallForItsHeader() {
    for (capacity, asked, used) in [
      (1 << 30, 64 << 20, 64 << 20), (100 << 20, 64 << 20, 25 << 20), (0, 0, 2 * SegmentFormat.headerBytes),
      (-5, -5, 2 * SegmentFormat.headerBytes), (.max, .max, SegmentFormat.maxPayloadBytes),
    ] {
      var options = DiskQueueOptions(capacityBytes: capacity)
      options.segmentBytes = asked
      #expect(options.usedSegmentBytes == used)
    }
  }

  /// The largest reservation fits with its headers, and one byte more does not.
  @Test func theLargestReservationIsTheLargest() {
    var random = SplitMix(seed: 5)
    for _ in 0..<5000 {
      var options = DiskQueueOptions(capacityBytes: 20_000 + random.below(10_000_000))
      options.minFrameBytes = random.below(10_000)
      let most = options.maxReservationBytes
      #expect(most >= 0)
      #expect(most + options.headerBytes(forPayload: most) <= options.capacityBytes || most == 0)
      #expect(most + 1 + options.headerBytes(forPayload: most + 1) > options.capacityBytes)
    }
  }

  @Test func noCapacityIsATrap() {
    for capacity in [.min, -1, 0, 1, 16_000, .max] as [Int] {
      for frame in [.min, 0, 1, .max >> 1] as [Int] {
        var options = DiskQueueOptions(capacityBytes: max(capacity, -1 << 60))
        options.minFrameBytes = frame
        #expect((0...SegmentFormat.maxPayloadBytes).contains(options.maxReservationBytes))
      }
    }
    #expect(DiskQueueOptions(capacityBytes: .max).maxReservationBytes == SegmentFormat.maxPayloadBytes)
  }

  @Test func framesAreWrittenWithTheSyncOnlyWhereEachIsSynced() {
    var options = DiskQueueOptions()
    #expect(!options.writesWithSync)
    options.leavesWritingToSync = true
    #expect(options.writesWithSync)
    for fsync in [DiskQueueOptions.Fsync.never, .interval(.seconds(1))] {
      options.fsync = fsync
      #expect(!options.writesWithSync)
    }
  }

  @Test func errorsSayWhatToLookFor() {
    #expect(
      "\(DiskQueueError.locked(directory: "/q", processID: "12"))"
        == "cannot open queue directory /q: process 12 has it open")
    #expect("\(DiskQueueError.newerFormat(file: "/q/1", version: 9, supportedVersion: 1))".contains("version 9"))
    let folders = (0..<50).map { "f\($0)" }
    let none = "\(DiskQueueError.noQueue(directory: "/q", isEmpty: false, queues: folders))"
    #expect(none.hasPrefix("/q is no queue: it holds no segments and no cursor; queues are in its folders f0, f1,"))
    #expect(none.contains("f19") && !none.contains("f20"))
    #expect("\(DiskQueueError.noQueue(directory: "/q", isEmpty: true, queues: []))" == "/q is no queue: it is empty")
    #expect("\(DiskQueueError.file(FileError("open", ENOENT, path: "/q")))".hasPrefix("cannot open /q: No such file"))
  }
}
