import FrameQueues
import Glibc
import LogStore
import Options

/// Checks that what a configuration writes can be written on this machine, and by one exporter alone; opens no file
/// for writing and makes nothing. `sluice validate` and `sluice run` find the same.
struct PathCheck {
  private let configuration: Configuration
  private let report: ConfigReport

  init(_ configuration: Configuration, report: ConfigReport) {
    self.configuration = configuration
    self.report = report
  }

  func run() {
    var failed: Set<String> = []
    for kept in configuration.storages where !check(kept) { failed.insert(kept.path) }
    var seen: [(kept: KeptPath, identity: String)] = []
    for kept in configuration.keptPaths where !failed.contains(where: { kept.path.hasPrefix($0 + "/") }) {
      guard check(kept) else { continue }
      let identity = PathLook.identity(of: kept.path)
      if let first = seen.first(where: { $0.identity == identity && !kept.shares($0.kept) }) {
        error(kept, "\(first.kept.option) is the same \(kept.isFolder ? "folder" : "file") (\(first.kept.place))")
      }
      seen.append((kept, identity))
    }
    for inner in seen {
      let outer = seen.first { $0.kept.owner != nil && inner.identity.hasPrefix($0.identity + "/") }
      guard let outer, let owner = outer.kept.owner else { continue }
      let option = "\(outer.kept.option) (\(outer.kept.place))"
      error(inner.kept, "lies in the folder of \(option), which is for that \(owner) alone")
    }
  }

  /// True if the path can be used.
  private func check(_ kept: KeptPath) -> Bool {
    do throws(PathProblem) {
      if kept.path.utf8.contains(0) { throw PathProblem("holds a NUL character") }
      switch kept.kind {
      case .output(let createsFolder, let rotates):
        let hint = createsFolder ? nil : " (create_directory: true makes it)"
        try PathLook.checkFile(kept.path, W_OK, rotates: rotates, missingFolder: hint)
      case .deadLetters:
        if PathLook.isDevice(kept.path) { throw PathProblem("\(PathLook.shown(kept.path)) is not a regular file") }
        try PathLook.checkFile(kept.path, R_OK | W_OK, rotates: true, missingFolder: "")
      case .queue(let frameFormat):
        try PathLook.checkFolder(kept.path, missing: nil)
        do throws(DiskQueueError) {
          try DiskQueue.check(kept.path, fingerprint: Exporter.fingerprint(of: frameFormat))
        } catch { throw PathProblem("\(error)") }
      case .store:
        try PathLook.checkFolder(kept.path, missing: nil)
        do throws(StoreError) { try StoreView.check(kept.path) } catch { throw PathProblem("\(error)") }
      case .queues(let isCreated):
        try PathLook.checkFolder(kept.path, missing: isCreated ? nil : " (create_directory: true makes it)")
      }
      return true
    } catch {
      self.error(kept, error.message)
      return false
    }
  }

  private func error(_ kept: KeptPath, _ message: String) {
    report.error(at: kept.place, path: kept.option, message)
  }
}

extension KeptPath {
  fileprivate var isFolder: Bool {
    switch kind {
    case .output, .deadLetters: false
    case .queue, .store, .queues: true
    }
  }

  /// What has the folder for itself; nil if others may have files in it.
  fileprivate var owner: String? {
    switch kind {
    case .queue: "queue"
    case .store: "store"
    case .output, .deadLetters, .queues: nil
    }
  }

  /// Whether both may be at one path: dead letters are appended under a lock, and a terminal or pipe has no content.
  fileprivate func shares(_ other: KeptPath) -> Bool {
    kind == .deadLetters && other.kind == .deadLetters || PathLook.isDevice(path)
  }
}

/// Why a path cannot be used.
struct PathProblem: Error {
  let message: String
  init(_ message: String) { self.message = message }
}
