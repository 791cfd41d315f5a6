import Glibc
import Testing

@testable import FrameQueues

@Suite struct DiskQueueStatusTests {
  @Test func countsSegmentsBytesAndSyncs() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000))
    for _ in 0..<3 { try rig.queue.append([UInt8](repeating: 1, count: 5000)) }
    rig.commit()
    let status = rig.queue.status
    #expect(status.segments == 3 && status.diskBytes == rig.queue.diskBytes && status.isWritable)
    #expect(status.counters.syncs == 3 && status.counters.syncTime > .zero && status.counters.failures == 0)
    #expect(status.freeBytes == Int.max / 2)
  }

  @Test func saysThatTheDiskTakesNoWritesAsLongAsThatIsSo() throws {
    let rig = try DiskRig()
    rig.disk.setCapacity(0)
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(100_000) }
    #expect(!rig.queue.status.isWritable && rig.queue.status.counters.failures > 0)
    rig.disk.setCapacity(1 << 30)
    rig.commit()
    rig.commit()
    #expect(rig.queue.status.isWritable)
  }

  @Test func countsTornTailsAndCorruptBytes() throws {
    let rig = try DiskRig()
    try rig.queue.append([1, 2, 3])
    rig.disk.setContent(rig.path(1), (rig.disk.content(rig.path(1)) ?? []) + [9, 9])
    try rig.kill()
    #expect(rig.queue.status.counters.tornTails == 1 && rig.queue.status.counters.tornBytes == 2)
  }

  @Test func aDirectoryThatIsGoneHasNoFreeBytes() throws {
    let rig = try DiskRig()
    #expect(rig.queue.status.freeBytes == Int.max / 2)
    rig.disk.fail("statvfs", ENOENT)
    rig.commit()
    #expect(rig.queue.status.freeBytes == nil)
    #expect(try SystemFileSystem().freeBytes(in: "/") > 0)
    #expect(throws: FileError.self) { try SystemFileSystem().freeBytes(in: "/no/such/directory") }
  }
}
