package import Files
package import Options

/// A secret, or a name that goes with one, that stands in the configuration or in a file that is read again.
package enum SecretText: Sendable {
  case given(Secret)
  case file(option: String, WatchedFiles<Secret>)

  /// Says what is wrong with a secret, without quoting it; nil if nothing is.
  package typealias Check = @Sendable (Secret) -> String?

  /// The largest file of a secret.
  package static let maxFileBytes = 64 << 10

  /// What it is now. A file is as it was looked at last.
  package var current: Secret {
    switch self {
    case .given(let secret): secret
    case .file(_, let files): files.value
    }
  }

  /// What it is now, for whoever may wait for a disk.
  package var currentOnDisk: Secret {
    if case .file(_, let files) = self { _ = files.look() }
    return current
  }

  package var files: [UsedFiles] {
    if case .file(let option, let files) = self { [UsedFiles(option: option, files)] } else { [] }
  }
}

extension ConfigReader {
  /// Reads a secret from `key`, or the path of a file with it from the same with `_file`, which wins as in the
  /// Collector; nil if neither is given or what is given cannot be used, which is reported.
  package func secretText(
    _ key: String, _ doc: String, check: @escaping SecretText.Check = { _ in nil }
  ) -> SecretText? {
    let given = optional(key, .headerSecret, doc)
    let fileKey = key + "_file"
    let path = optional(fileKey, .nonEmptyString, "A file with it, read again when it changes; it wins.")
    if let path { return secretFile(fileKey, path, check: check) }
    guard let given else { return nil }
    guard let problem = given.isEmpty ? "expected a text that is not empty" : check(given) else { return .given(given) }
    error(at: key, problem)
    return nil
  }

  /// The one line of a file; nil if it cannot be used, which is reported.
  private func secretFile(_ key: String, _ path: String, check: @escaping SecretText.Check) -> SecretText? {
    do throws(FileReadError) {
      let files = try WatchedFiles([path], maxBytes: SecretText.maxFileBytes) { contents throws(FileReadError) in
        let secret = try Secret(line: contents.first ?? [])
        if let problem = check(secret) { throw FileReadError(reason: "what it holds \(problem)") }
        return secret
      }
      return .file(option: key, files)
    } catch {
      self.error(at: key, "cannot use the file: \(error.reason)")
      return nil
    }
  }
}

extension Secret {
  /// The content of a file of one line that a header field can carry, without white space around it.
  package init(line bytes: [UInt8]) throws(FileReadError) {
    var bytes = bytes[...]
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
    guard !bytes.isEmpty else { throw FileReadError(reason: "it is empty") }
    guard let text = String(validating: bytes, as: UTF8.self), HeaderField.isValue(text) else {
      throw FileReadError(reason: "it holds more than one line, or characters that no header field takes")
    }
    self.init(text)
  }
}
