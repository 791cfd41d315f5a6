import Glibc
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

  /// How often files are read at once that change while they are read.
  private static var maxReads: Int { 3 }

  private struct State: Sendable {
    var value: Value
    var stamps: [FileStamp]
    var counts: FileCounts
  }

  /// Reads the files for the first time, in which nothing stands in for what cannot be used. Goes on with the counts of
  /// what it takes the place of.
  package init(
    _ paths: [String], maxBytes: Int = 1 << 20, after counts: FileCounts = FileCounts(), parse: @escaping Parse
  ) throws(FileReadError) {
    let read = try Self.read(paths, maxBytes: maxBytes, parse)
    guard let value = read.value else { throw FileReadError(reason: "nothing was read") }
    var counts = counts
    counts.problem = nil
    state = Mutex(State(value: value, stamps: read.stamps, counts: counts))
    self.paths = paths
    self.maxBytes = maxBytes
    self.parse = parse
  }

  /// What the files held when they could be used last.
  package var value: Value { state.withLock { $0.value } }

  /// Reads files and makes a value of them, once more if they have changed meanwhile: of two that belong together one
  /// may have been read before and the other after the change. No value if they hold what is known.
  private static func read(
    _ paths: [String], maxBytes: Int, known: [FileStamp]? = nil, _ parse: Parse
  ) throws(FileReadError) -> (value: Value?, stamps: [FileStamp]) {
    var reads = 0
    while true {
      reads &+= 1
      let (stamps, contents) = try FileStamp.read(paths, maxBytes: maxBytes, isAtStart: known == nil)
      if let known, !known.isEmpty, zip(stamps, known).allSatisfy({ $0.content == $1.content }) {
        return (nil, stamps)
      }
      do throws(FileReadError) {
        return (try parse(contents), stamps)
      } catch {
        if reads == maxReads || !FileStamp.haveMoved(stamps, paths) { throw error }
      }
    }
  }
}

extension WatchedFiles: FilesToLookAt {
  package var counts: FileCounts { state.withLock { $0.counts } }

  package func look() -> FileChange? {
    let (known, problem) = state.withLock { ($0.stamps, $0.counts.problem) }
    if problem == nil, FileStamp.areSame(known, paths) { return nil }
    do throws(FileReadError) {
      let read = try Self.read(paths, maxBytes: maxBytes, known: problem == nil ? known : [], parse)
      return state.withLock { state in
        state.stamps = read.stamps
        guard let value = read.value else { return nil }
        state.value = value
        state.counts.reloads &+= 1
        state.counts.problem = nil
        return .used
      }
    } catch {
      return state.withLock { state in
        if state.counts.problem?.reason == error.reason { return nil }
        state.counts.failures &+= 1
        let since = state.counts.problem?.since ?? time(nil)
        state.counts.problem = FileCounts.Problem(reason: error.reason, since: since)
        return .kept(because: error.reason)
      }
    }
  }
}

/// How often files were read again.
package struct FileCounts: Sendable, Equatable {
  /// Why what files hold cannot be used.
  package struct Problem: Sendable, Equatable {
    package var reason: String
    /// Unix time.
    package var since: Int
  }

  /// Times that what they held was used.
  package var reloads = 0
  /// Times that what they held could not be used, each problem once for as long as it lasts.
  package var failures = 0
  /// Why what they hold now cannot be used; nil if it is used.
  package var problem: Problem?

  package init() {}
}

/// What a look at files has come to, if anything.
package enum FileChange: Sendable, Equatable {
  /// They hold something else, which is used from now on.
  case used
  /// They hold something that cannot be used: what was used before still is.
  case kept(because: String)
}
