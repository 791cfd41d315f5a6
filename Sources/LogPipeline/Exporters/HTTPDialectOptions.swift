package import Options

/// The options of an exporter type that sends over HTTP, as far as they are its own; its addresses, credentials, TLS,
/// compression, queue and batches are read for it (`HTTPExporterOptions`).
package protocol HTTPDialectOptions: ComponentOptions {
  /// How options that HTTP exporters share differ for this one.
  static var http: HTTPExporterDefaults { get }
  /// What its frames are encoded for: a queue on disk that was written for something else is not opened.
  var frameFormat: String { get }
  /// Header fields that the dialect sets by the tenant of records, so that nothing else may. None unless it says.
  var tenantHeaders: [String] { get }
  /// Whether it treats tenants' records differently; by default if there are such fields.
  var needsTenants: Bool { get }
  /// What it speaks.
  func makeDialect() throws -> any Dialect
  /// Reports what is doubtful about so much time for one attempt; nothing unless it does.
  func check(timeout: Duration, of options: ConfigReader)
  /// What sends bodies of a format again that a destination of this type rejected; nil if nothing does.
  static func replayDialect(_ format: BodyFormat) -> (any Dialect)?
}

extension HTTPDialectOptions {
  package var tenantHeaders: [String] { [] }
  package var needsTenants: Bool { !tenantHeaders.isEmpty }
  package func check(timeout: Duration, of options: ConfigReader) {}
}

/// How options that HTTP exporters share differ from one to the other.
package struct HTTPExporterDefaults: Sendable {
  /// One sentence on the option `endpoint`.
  package var endpointDoc: String
  /// One sentence on the option `endpoints`.
  package var endpointsDoc: String
  /// Paths that a server of the kind has and that are appended to its address, so that none may end in one.
  package var appendedPaths: [String] = []
  /// Paths under which a server of the kind takes no records, so that no address may end in one either.
  package var otherPaths: [String] = []
  /// What to do instead, before the address that is meant.
  package var insteadOfPath = "give"
  /// Time for one attempt.
  package var timeout = Duration.seconds(30)
  /// How bodies are compressed unless `compression` says so.
  package var compression = "gzip"
  /// What `compression` may be.
  package var algorithms = OptionType.oneOf(["none", "gzip", "zstd"])
  /// Whether it takes `api_key` besides `user` and `password`.
  package var hasAPIKey = false

  package init(endpointDoc: String, endpointsDoc: String) {
    self.endpointDoc = endpointDoc
    self.endpointsDoc = endpointsDoc
  }
}
