import FrameQueues
import Glibc

/// Makes a queue's folder, with all that is missing above it, for its owner alone; each survives a power cut.
func makeQueueFolder(_ path: String) throws(FileError) {
  let files = SystemFileSystem()
  var made = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    let folder = made.isEmpty ? "." : made
    made += made.isEmpty || made.hasSuffix("/") ? part : "/" + part
    if files.exists(made) { continue }
    try files.makeDirectory(made)
    try files.syncDirectory(folder)
  }
}
