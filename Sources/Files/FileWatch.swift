import Synchronization

/// Files that are read again when they hold something else.
package protocol FilesToLookAt: AnyObject, Sendable {
  var paths: [String] { get }
  var counts: FileCounts { get }
  /// Reads the files again if they have changed; says what has come of it, or nil if there is nothing new.
  func look() -> FileChange?
}

/// All files that are watched, for as long as somebody uses them.
package final class FileWatch: Sendable {
  /// Told of files that were read again, or could not be used; the texts hold paths and reasons, no content.
  package typealias Report = @Sendable (_ paths: [String], FileChange) -> Void

  private let files = Mutex<[Watched]>([])
  private let report: Report

  private struct Watched: Sendable {
    weak var files: (any FilesToLookAt)?
  }

  package init(report: @escaping Report = { _, _ in }) { self.report = report }

  /// Takes files in.
  package func add(_ new: any FilesToLookAt) {
    files.withLock { files in
      files.removeAll { $0.files == nil }
      files.append(Watched(files: new))
    }
  }

  /// Those that are still used, in the order they came.
  package var watched: [any FilesToLookAt] { files.withLock { $0.compactMap(\.files) } }

  /// Looks at all of them once; for a thread that may block.
  package func look() {
    for files in watched {
      if let change = files.look() { report(files.paths, change) }
    }
  }
}
