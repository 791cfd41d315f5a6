/// How a file is written to (`file`).
package struct FileSenderOptions: Sendable, Equatable {
  /// The file to append to (`path`).
  package var path = ""
  /// Starts with an empty file instead of appending to what is there (`append: false`). Default false.
  package var truncates = false
  /// Makes missing folders (`create_directory`). Default false.
  package var createsDirectory = false
  /// Waits until the disk has each body before it counts as delivered (`fsync`). Default false.
  package var syncs = false
  /// Default nil: the file grows for ever.
  package var rotation: FileRotation?
  /// Others may write or replace the file too: each append holds its lock, and so long as a command rewrites it
  /// (`RewriteLock`) it is not rotated, but grows to twice its size at most. Default false.
  package var isShared = false

  package init() {}
}
