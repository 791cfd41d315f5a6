import FrameQueues
import LogPipeline

extension GatewayMetrics {
  /// How the queues on disk are, and what was counted of them; exporters whose queue is in memory have no samples.
  mutating func diskQueues(_ exporters: [Exporter], _ counts: [ExporterCounts]) {
    let rows = exporters.compactMap { exporter -> ([Label], DiskQueueStatus)? in
      guard let queue = exporter.destination.queue as? DiskQueue else { return nil }
      return (Self.labels("exporter", exporter.id), queue.status)
    }
    family(rows, "sluice_disk_queue_segments", kind: .gauge, "Segment files that hold records.") { $0.segments }
    family(rows, "sluice_disk_queue_bytes", kind: .gauge, "Bytes of the segments on the disk.") { $0.diskBytes }
    family(rows, "sluice_disk_queue_free_bytes", kind: .gauge, "Bytes that the file system of the queue has free.") {
      $0.freeBytes ?? 0
    }
    family(rows, "sluice_disk_queue_writable", kind: .gauge, "1 if the disk takes writes, 0 while it does not.") {
      $0.isWritable ? 1 : 0
    }
    family(rows, "sluice_disk_queue_readable", kind: .gauge, "1, or 0 while the oldest segment cannot be read.") {
      $0.isReadable ? 1 : 0
    }
    counters(counts)
  }

  private mutating func counters(_ counts: [ExporterCounts]) {
    let rows = counts.compactMap { counts in counts.disk.map { (Self.labels("exporter", counts.id), $0) } }
    family(rows, "sluice_disk_queue_failures", "Writes, syncs and allocations that failed.") { $0.failures }
    family(rows, "sluice_disk_queue_corrupt_bytes", "Bytes that failed their checksum and were skipped.") {
      $0.corruptBytes
    }
    family(rows, "sluice_disk_queue_lost_log_records", "Log records lost to damage of the disk.") { $0.lost.records }
    let damage = counts.filter { $0.disk != nil }.map { (Self.labels("exporter", $0.id), $0.damage) }
    family(damage, "sluice_disk_queue_set_aside_segments", "Damaged segments that were set aside.") {
      $0.setAsideSegments
    }
    family(damage, "sluice_disk_queue_missing_frames", "Frames that were in no segment at the start.") {
      $0.missingFrames
    }
    family(rows, "sluice_disk_queue_torn_tails", "Ends of segments, not written fully, that were cut off at the start.")
    { $0.tornTails }
    family(rows, "sluice_disk_queue_syncs", "Syncs of segments.") { $0.syncs }
    families.begin("sluice_disk_queue_sync_seconds", .counter, "Seconds that these syncs took.")
    for (labels, counters) in rows { families.sample(labels, counters.syncTime.inSeconds) }
  }
}
