import Files

/// Files that a component uses, and which component that is.
struct ComponentFiles: Sendable {
  /// The component with its kind, such as `receiver otlp/edge`.
  let component: String
  let used: UsedFiles

  init(_ used: UsedFiles, of component: String) {
    self.component = component
    self.used = used
  }
}

extension Exporter {
  /// The files that it uses.
  var files: [ComponentFiles] { sender.files.map { ComponentFiles($0, of: "exporter \(id)") } }
}

extension Receiver {
  /// The files that it uses.
  var componentFiles: [ComponentFiles] { files.map { ComponentFiles($0, of: "receiver \(id)") } }
}
