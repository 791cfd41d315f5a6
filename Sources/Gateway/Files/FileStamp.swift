import Files

/// What a file holds, to tell whether it holds the same later. A hash is all that is kept, as files may hold secrets.
struct FileStamp: Sendable, Equatable {
  private let byteCount: Int
  private let hash: Int

  /// Nil if nothing can be read there, or more than a configuration takes. Of what is no regular file, such as a pipe,
  /// nothing is read.
  init?(_ path: String) {
    let limit = ConfigLimits().maxFileBytes
    guard let bytes = try? readFile(path, maxBytes: limit, within: .zero) else { return nil }
    var hasher = Hasher()
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    (byteCount, hash) = (bytes.count, hasher.finalize())
  }
}

/// The files that a configuration was read from or that it names, and what each held just before it was read.
struct NamedFiles: Sendable, Equatable {
  private var stamps: [String: FileStamp?]

  init(_ paths: [String] = []) { stamps = Dictionary(paths.map { ($0, FileStamp($0)) }) { first, _ in first } }

  /// Takes in a file that is about to be read.
  mutating func note(_ path: String) {
    if stamps[path] == nil { stamps[path] = .some(FileStamp(path)) }
  }

  /// Takes in other files.
  mutating func merge(_ other: NamedFiles) { stamps.merge(other.stamps) { first, _ in first } }

  /// The same files with what they hold now.
  var now: NamedFiles { NamedFiles(Array(stamps.keys)) }
}
