import Files

/// The files that a configuration was read from or that it names, and what each held just before it was read.
struct NamedFiles: Sendable, Equatable {
  /// Nil for what is no file that can be read, or larger than a configuration may be.
  private var stamps: [String: FileStamp?]

  init(_ paths: [String] = []) { stamps = Dictionary(paths.map { ($0, Self.stamp($0)) }) { first, _ in first } }

  /// Takes in a file that is about to be read.
  mutating func note(_ path: String) {
    if stamps[path] == nil { stamps[path] = .some(Self.stamp(path)) }
  }

  /// Takes in other files.
  mutating func merge(_ other: NamedFiles) { stamps.merge(other.stamps) { first, _ in first } }

  /// The same files with what they hold now. One that has not changed, as the system says, is not read again.
  var now: NamedFiles {
    var now = self
    for (path, stamp) in stamps where !(stamp?.isStill(path) ?? false) { now.stamps[path] = .some(Self.stamp(path)) }
    return now
  }

  private static func stamp(_ path: String) -> FileStamp? { FileStamp(path, maxBytes: ConfigLimits().maxFileBytes) }
}
