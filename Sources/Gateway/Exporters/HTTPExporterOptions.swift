package import LogExport
package import LogPipeline
package import Options

/// The options of an exporter that sends over HTTP: those of its dialect, and what all of them have.
package struct HTTPExporterOptions<DialectOptions: HTTPDialectOptions>: ExporterOptions {
  package static var doc: String { DialectOptions.doc }

  package let delivery: DeliveryOptions
  package var frameFormat: String { dialect.frameFormat }
  let dialect: DialectOptions
  let sender: HTTPSenderOptions
  package let auth: ExporterAuth?

  package init(_ options: ConfigReader) {
    let http = DialectOptions.http
    let endpoint = options.optional("endpoint", .url, http.endpointDoc)
    var endpoints = options.list("endpoints", of: .url, http.endpointsDoc)
    if let endpoint { endpoints.insert(endpoint, at: 0) }
    options.requireOne(of: "endpoint", "endpoints")
    options.checkPaths(
      of: endpoints, known: http.appendedPaths, instead: http.insteadOfPath, takingNothing: http.otherPaths)
    dialect = DialectOptions(options)
    options.checkHeaders(leaving: dialect.tenantHeaders)
    delivery = DeliveryOptions(options, timeout: http.timeout)
    dialect.check(timeout: delivery.loop.requestTimeout, of: options)
    let authorization = readAuthorization(options, apiKey: http.hasAPIKey)
    var sender = HTTPSenderOptions(
      options, endpoints: endpoints, compression: http.compression == "zstd" ? .zstd(level: 1) : .gzip(level: 1),
      algorithms: http.algorithms)
    sender.authorization = authorization
    self.sender = sender
    auth = options.exporterAuth(to: sender.endpoints, instead: ["user", "password", "api_key"])
  }

  package var compression: Compression { sender.compression }
  package var needsTenants: Bool { dialect.needsTenants }

  package func makeDialect() throws -> any Dialect { try dialect.makeDialect() }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender {
    try HTTPSender(sender.presenting(parts.credentials), group: parts.group)
  }

  package static func replayDialect(_ format: BodyFormat) -> (any Dialect)? { DialectOptions.replayDialect(format) }
}
