import FrameQueues
import Glibc
import LogPipeline

/// The queues that are measured; the one on disk does not wait for the disk, so that what is counted is its own work.
func queues(in directory: String) throws -> [(String, any FrameQueue)] {
  var options = DiskQueueOptions(capacityBytes: 1 << 30)
  options.fsync = .never
  return [
    ("memory", MemoryQueue(capacityBytes: 1 << 30)),
    ("disk", try DiskQueue(directory, options: options, files: SystemFileSystem())),
  ]
}

/// A request's frames appended to each queue, leased and acknowledged.
func row(queues frames: borrowing FrameWriter) throws {
  let directory = "\(folder)/queue-\(getpid())"
  for (name, queue) in try queues(in: directory) {
    row("queue-\(name)", records: 100) {
      frames.bytes.withUnsafeBytes { bytes in
        guard (try? queue.reserve(bytes.count)) != nil else { return }
        _ = try? queue.append(bytes, frames: frames.frames)
      }
      while let lease = queue.lease(maxBytes: .max) { queue.acknowledge(lease) }
    }
    queue.close()
  }
}
