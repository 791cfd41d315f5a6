/// Files that are read again when they hold something else.
package protocol FilesToLookAt: AnyObject, Sendable {
  var paths: [String] { get }
  var counts: FileCounts { get }
  /// Reads the files again if they have changed; says what has come of it, or nil if there is nothing new. For a thread
  /// that may block.
  func look() -> FileChange?
}

/// Files that a component uses and has read again when they hold something else, as a certificate with its key.
package struct UsedFiles: Sendable {
  /// The option of the component that names them, or the section of several that do, such as `protocols.grpc.tls`.
  package let option: String
  package let files: any FilesToLookAt

  package init(option: String, _ files: any FilesToLookAt) {
    self.option = option
    self.files = files
  }
}
