import Logging

/// What the first line of the log says: what runs, by which configuration, and where records go on this machine.
enum StartLine {
  static func fields(_ configuration: Configuration) -> Logger.Metadata {
    let libraries = BuildInformation.libraries.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
    let pipelines = configuration.service.pipelines.map { "\($0.id)" }.joined(separator: ", ")
    var fields: Logger.Metadata = [
      "version": "\(BuildInformation.version)", "commit": "\(BuildInformation.commit)", "libraries": "\(libraries)",
      "configuration": "\(configuration.sources.joined(separator: ", "))", "pipelines": "\(pipelines)",
    ]
    let outputs = configuration.keptPaths.map(\.path).joined(separator: ", ")
    if !outputs.isEmpty { fields["writes"] = "\(outputs)" }
    return fields
  }
}
