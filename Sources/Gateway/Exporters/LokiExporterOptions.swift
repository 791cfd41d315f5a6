package import LogExport
package import LogPipeline
package import Options

/// `exporters.loki`: Loki over OTLP, at the server that the Collector's exporter of this name pushes to.
package struct LokiExporterOptions: ExporterOptions {
  package static let doc = "Loki from version 3.0, over OTLP; otlp_http says the same with the address of OTLP."

  /// What the Collector's exporter pushes to, and what Loki has for OTLP.
  private static let pushPaths = ["/loki/api/v1/push", "/api/prom/push"]
  private static let path = "/otlp/v1/logs"

  private let otlp: OTLPHTTPExporterOptions

  package var delivery: DeliveryOptions { otlp.delivery }
  package var frameFormat: String { otlp.frameFormat }
  package var compression: Compression { otlp.compression }
  package var auth: ExporterAuth? { otlp.auth }

  package init(_ options: ConfigReader) {
    let given = options.optional("endpoint", .url, "Loki's address; a path to push to at its end is left out.")
    options.requireOne(of: "endpoint")
    options.ignored(
      "default_labels_enabled", "labels", "format", "tenant", "tenant_id",
      because: "labels are what Loki makes of attributes of resources")
    let address = given.map { Self.address($0) }
    otlp = OTLPHTTPExporterOptions(options, base: nil, own: address.map { [.logs: $0] } ?? [:])
    if let address {
      options.warning(
        at: "endpoint",
        "records go to \(address) over OTLP, which Loki has from 3.0, and labels are what it makes of "
          + "attributes of resources")
    }
  }

  /// The whole address for OTLP of the Loki at an address.
  private static func address(_ given: HTTPURL) -> HTTPURL {
    var address = given
    while address.path.hasSuffix("/") { address.path.removeLast() }
    if let push = pushPaths.first(where: { address.path.hasSuffix($0) }) { address.path.removeLast(push.count) }
    address.path += path
    return address
  }

  package func makeDialect() throws -> any Dialect { try otlp.makeDialect() }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender {
    try otlp.makeSender(id: id, of: parts)
  }

  package static func replayDialect(_ format: BodyFormat) -> (any Dialect)? {
    OTLPHTTPExporterOptions.replayDialect(format)
  }
}
