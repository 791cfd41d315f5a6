package import Options

/// A file or folder that a component writes, and where the configuration says so.
package struct KeptPath: Sendable {
  /// What stands at the path.
  package enum Kind: Sendable, Equatable {
    /// A file that lines are appended to, which an exporter has for itself. With `createsFolder` missing folders are
    /// made; one that rotates has to be renamed in its folder.
    case output(createsFolder: Bool, rotates: Bool)
    /// A file of dead letters, which several exporters may share.
    case deadLetters
    /// The folder of one exporter's queue; missing folders are made.
    case queue(frameFormat: String)
    /// The folder of one exporter's store; missing folders are made.
    case store
    /// A folder that holds folders of queues.
    case queues(isCreated: Bool)
  }

  package var path: String
  package var kind: Kind
  /// The option that names it, as in `exporters.file.path`.
  package var option: String
  /// Where the option stands.
  package var place: ConfigPlace

  /// The path that an option of a section names.
  init(_ path: String, _ kind: Kind, at key: String, of options: ConfigReader) {
    self.init(path, kind, option: options.path(of: key), place: options.place(of: key))
  }

  init(_ path: String, _ kind: Kind, option: String, place: ConfigPlace) {
    self.path = path
    self.kind = kind
    self.option = option
    self.place = place
  }
}
