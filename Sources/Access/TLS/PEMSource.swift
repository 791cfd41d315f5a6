package import Options

/// Where a certificate, a key or a list of authorities comes from, in PEM.
package enum PEMSource: Sendable, Hashable {
  case file(String)
  /// The text itself, in the configuration.
  case text(Secret)

  /// The file, if it comes from one.
  package var path: String? {
    if case .file(let path) = self { path } else { nil }
  }
}

extension ConfigReader {
  /// Reads `<name>_file` and `<name>_pem`, of which one may be given.
  package func pem(_ name: String, _ doc: String) -> PEMSource? {
    let path = optional("\(name)_file", .nonEmptyString, "\(doc), in PEM.")
    let text = optional("\(name)_pem", .secret, "The same as text instead of a file.")
    if path != nil, text != nil { error(at: "\(name)_pem", "cannot be given together with \(name)_file") }
    return path.map { .file($0) } ?? text.map { .text($0) }
  }

  /// The key that gives what is read by `pem`.
  func pemKey(_ name: String) -> String { has("\(name)_pem") && !has("\(name)_file") ? "\(name)_pem" : "\(name)_file" }
}
