package import Files
import Synchronization

/// The tokens of an extension: those that are given, and those that its files hold now.
///
/// Each file is read again by itself: one that cannot be used any more leaves in use what it held before, and keeps no
/// other from being used.
package final class BearerTokenTable: Sendable {
  /// Where tokens stand.
  package struct Source: Sendable {
    /// Nil for what the configuration gives itself.
    package var file: String?
    /// The option that names the file.
    package var option: String
    /// The tokens that the file holds, or those that are given.
    package var read: @Sendable ([UInt8]) throws(FileReadError) -> [BearerTokens.Entry]

    package init(
      file: String?, option: String, read: @escaping @Sendable ([UInt8]) throws(FileReadError) -> [BearerTokens.Entry]
    ) {
      self.file = file
      self.option = option
      self.read = read
    }
  }

  private let parts: Parts
  /// The files that are read again when they hold something else.
  package let files: [UsedFiles]

  /// Reads the sources, of which there is one at least.
  package init(_ sources: [Source], maxCount: Int, maxFileBytes: Int) throws(FileReadError) {
    let parts = Parts(count: sources.count, maxCount: maxCount)
    var files: [UsedFiles] = []
    for (index, source) in sources.enumerated() {
      guard let path = source.file else {
        parts.use(try parts.part(index, of: try source.read([])), at: index)
        continue
      }
      let watched = try WatchedFiles([path], maxBytes: maxFileBytes) { (contents) throws(FileReadError) in
        try parts.part(index, of: try source.read(contents.first ?? []))
      }
      parts.use(watched.value, at: index)
      files.append(UsedFiles(option: source.option, TokenFile(watched, at: index, in: parts)))
    }
    self.parts = parts
    self.files = files
  }

  /// The tokens that count now.
  package var value: BearerTokens { parts.all }

  /// What the sources hold, each by itself and all together.
  private final class Parts: Sendable {
    private let maxCount: Int
    private let keyed = KeyedHash()
    private let state: Mutex<(parts: [BearerTokens?], all: BearerTokens)>

    init(count: Int, maxCount: Int) {
      self.maxCount = maxCount
      state = Mutex((Array(repeating: nil, count: count), BearerTokens(keyed)))
    }

    var all: BearerTokens { state.withLock { $0.all } }

    /// The tokens of one source, which must go with those of all others.
    func part(_ index: Int, of entries: [BearerTokens.Entry]) throws(FileReadError) -> BearerTokens {
      do throws(BearerTokenProblem) {
        let part = try BearerTokens(entries, maxCount: maxCount, keyed)
        // What is in use holds nothing of a source that is read for the first time.
        let others = state.withLock { $0.parts[index] == nil ? $0.all : merged($0.parts, without: index) }
        try others.check(part, maxCount: maxCount)
        return part
      } catch {
        throw FileReadError(reason: error.reason)
      }
    }

    /// Puts the tokens of a source to use, which were checked.
    func use(_ part: BearerTokens, at index: Int) {
      state.withLock { state in
        let isFirst = state.parts[index] == nil
        state.parts[index] = part
        if isFirst { state.all.add(part) } else { state.all = merged(state.parts) }
      }
    }

    private func merged(_ parts: [BearerTokens?], without left: Int? = nil) -> BearerTokens {
      var all = BearerTokens(keyed)
      for (index, part) in parts.enumerated() where index != left {
        if let part { all.add(part) }
      }
      return all
    }
  }

  /// One file, whose tokens are put to use when it holds others.
  private final class TokenFile: FilesToLookAt {
    private let watched: WatchedFiles<BearerTokens>
    private let index: Int
    private let parts: Parts

    init(_ watched: WatchedFiles<BearerTokens>, at index: Int, in parts: Parts) {
      self.watched = watched
      self.index = index
      self.parts = parts
    }

    var paths: [String] { watched.paths }
    var counts: FileCounts { watched.counts }

    func look() -> FileChange? {
      let change = watched.look()
      if change == .used { parts.use(watched.value, at: index) }
      return change
    }
  }
}
