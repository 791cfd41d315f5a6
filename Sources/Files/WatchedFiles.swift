import Synchronization

/// What one file or several are read as, such as a certificate with its key, and read as again whenever one of them
/// holds something else: `value` is always what was made of files that could be used.
package final class WatchedFiles<Value: Sendable>: Sendable {
  /// Makes a value of the bytes of the files, in the order of `paths`; throws without quoting them.
  package typealias Parse = @Sendable ([[UInt8]]) throws(FileReadError) -> Value

  package let paths: [String]
  /// The most that one file may have.
  package let maxBytes: Int
  private let parse: Parse
  private let state: Mutex<State>

  private struct State: Sendable {
    var value: Value
    var stamps: [FileStamp]
    var counts = FileCounts()
  }

  /// Reads the files for the first time, in which nothing stands in for what cannot be used.
  package init(_ paths: [String], maxBytes: Int = 1 << 20, parse: @escaping Parse) throws(FileReadError) {
    let (stamps, contents) = try FileStamp.read(paths, maxBytes: maxBytes)
    state = Mutex(State(value: try parse(contents), stamps: stamps))
    self.paths = paths
    self.maxBytes = maxBytes
    self.parse = parse
  }

  /// What the files held when they could be used last.
  package var value: Value { state.withLock { $0.value } }
}

extension WatchedFiles: FilesToLookAt {
  package var counts: FileCounts { state.withLock { $0.counts } }

  package func look() -> FileChange? {
    let known = state.withLock { $0.stamps }
    if FileStamp.areSame(known, paths) { return nil }
    do throws(FileReadError) {
      let (stamps, contents) = try FileStamp.read(paths, maxBytes: maxBytes)
      if zip(stamps, known).allSatisfy({ $0.content == $1.content }), counts.problem == nil {
        state.withLock { $0.stamps = stamps }
        return nil
      }
      let value = try parse(contents)
      state.withLock { state in
        state.value = value
        state.stamps = stamps
        state.counts.reloads &+= 1
        state.counts.problem = nil
      }
      return .used
    } catch {
      return state.withLock { state in
        if state.counts.problem == error.reason { return nil }
        state.counts.failures &+= 1
        state.counts.problem = error.reason
        return .kept(because: error.reason)
      }
    }
  }
}

/// How often files were read again.
package struct FileCounts: Sendable, Equatable {
  /// Times that what they held was used.
  package var reloads = 0
  /// Times that what they held could not be used, each problem once for as long as it lasts.
  package var failures = 0
  /// Why what they hold now cannot be used; nil if it is used.
  package var problem: String?
}

/// What a look at files has come to, if anything.
package enum FileChange: Sendable, Equatable {
  /// They hold something else, which is used from now on.
  case used
  /// They hold something that cannot be used: what was used before still is.
  case kept(because: String)
}
