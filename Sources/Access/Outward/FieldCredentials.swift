package import Files
package import NIOHTTP1

/// Presents one header field, whose value is asked for at every attempt, as a file may hold another one by then.
package struct FieldCredentials: RequestCredentials {
  private let name: String
  private let value: @Sendable () -> String
  package let files: [UsedFiles]

  package init(
    _ name: String, watching files: [UsedFiles] = [],
    value: @escaping @Sendable () -> String
  ) {
    self.name = name.lowercased()
    self.value = value
    self.files = files
  }

  package func write(to head: inout HTTPHeaders, within limit: Duration) async throws(CredentialFailure) {
    head.replaceOrAdd(name: name, value: value())
  }

  package func wereRefused(in head: HTTPHeaders) -> Bool { head.first(name: name) != value() }
}
