/// The directory of a queue, and the file system that it is on.
struct QueueDirectory: Sendable {
  let path: String
  let files: any FileSystem

  /// The path of a file in it.
  func path(of name: String) -> String { path + "/" + name }

  /// Opens a file in it.
  func open(_ name: String, _ mode: FileMode) throws(FileError) -> FileHandle {
    try FileHandle(path(of: name), of: files, mode)
  }
}
