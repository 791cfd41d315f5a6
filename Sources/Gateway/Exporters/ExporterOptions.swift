package import LogExport
package import LogPipeline
package import Options

/// The options of one exporter type, and how a destination is made of them.
package protocol ExporterOptions: ComponentOptions {
  /// How its queue and its sending are sized.
  var delivery: DeliveryOptions { get }
  /// What its frames are encoded for: a queue on disk that was written for something else is not opened.
  var frameFormat: String { get }
  /// How its bodies are compressed; not at all unless it says.
  var compression: Compression { get }
  /// The extension whose credentials it presents; none unless it says.
  var auth: ExporterAuth? { get }
  /// Whether it treats tenants' records differently; not unless it says.
  var needsTenants: Bool { get }
  /// What it writes on this machine, but for a queue in a storage; what every exporter has unless it says.
  var keptPaths: [KeptPath] { get }
  /// Whether what it sends are requests, by whose header fields records can be kept apart. It does unless it says.
  var sendsRequests: Bool { get }
  /// Why it cannot be in a pipeline of a signal; nil if it can. Default: it is for logs only.
  func problem(in signal: Signal) -> String?
  /// What it is in pipelines of another signal; asked only where `problem` finds none. With `isShared` pipelines of
  /// other signals name it too.
  func passing(_ signal: Signal, isShared: Bool) -> Self
  /// What it speaks.
  func makeDialect() throws -> any Dialect
  /// What carries its bodies.
  func makeSender(id: String, of parts: SenderParts) throws -> any Sender
  /// What sends bodies of a format again that a destination of this type rejected; nil if nothing does.
  static func replayDialect(_ format: BodyFormat) -> (any Dialect)?
}

extension ExporterOptions {
  package var compression: Compression { .none }
  package var auth: ExporterAuth? { nil }
  package var needsTenants: Bool { false }
  package var sendsRequests: Bool { true }
  package func problem(in signal: Signal) -> String? { signal == .logs ? nil : "is for logs only" }
  package func passing(_ signal: Signal, isShared: Bool) -> Self { self }
  package var keptPaths: [KeptPath] { delivery.keptPaths(frameFormat: frameFormat) }
  package static func replayDialect(_ format: BodyFormat) -> (any Dialect)? { nil }
}
