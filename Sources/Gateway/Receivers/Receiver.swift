import Access
import Files
import HTTPTransport
import LogPipeline
import NIOSSL
import OTLPReceiver
import Options

/// One receiver at work: the service that answers its requests and how its ports listen.
package struct Receiver: Sendable {
  let id: String
  let service: OTLPService
  /// Where ports find the service; it stays when another service takes its place.
  let slot: ServiceSlot
  let counters: ReceiverCounters
  let budget: ByteBudget
  let listeners: [HTTPServerOptions]
  /// The files that it uses.
  let files: [UsedFiles]
  /// Unix times at which the certificates of its ports end, by protocol.
  let certificateExpiries: [(protocol: String, seconds: Int)]

  init(
    id: String, options: OTLPReceiverOptions, pipelines: [Pipeline], replacing old: Receiver? = nil,
    with surroundings: ReceiverSurroundings
  ) throws {
    let refusals = surroundings.refusals
    self.id = id
    counters = old?.counters ?? ReceiverCounters(id: id)
    let capacity = options.limits.maxInFlightBytes
    let same = old.flatMap { $0.budget.capacityBytes == capacity ? $0.budget : nil }
    budget = same ?? ByteBudget(capacityBytes: capacity)
    service = OTLPService(
      IngestPipeline(pipelines: pipelines, limits: DecodeLimits(options.limits)),
      options: OTLPServiceOptions(options), budget: budget, health: surroundings.health,
      counters: counters, workers: surroundings.workers,
      authentication: OTLPAuthentication(options, surroundings.authenticators, counters),
      report: { refusal, head in refusals.count(refusal, of: head, receiver: id) })
    slot = old?.slot ?? ServiceSlot(service)
    var listeners: [HTTPServerOptions] = []
    if let grpc = options.grpc { listeners.append(try HTTPServerOptions(grpc, options.limits.connections)) }
    if let http = options.http { listeners.append(try HTTPServerOptions(http, options.limits.connections)) }
    self.listeners = listeners.map { listener in
      var listener = listener
      listener.tlsFailed = { refusals.count($0, receiver: id) }
      return listener
    }
    files = []
    let ports = [("grpc", options.grpc?.tls), ("http", options.http?.tls)]
    certificateExpiries = ports.compactMap { name, tls in tls?.certificateExpirySeconds.map { (name, $0) } }
  }
}

extension OTLPAuthentication {
  /// Who may send over each port, by those of the authenticators that it names. The check of the configuration has
  /// found them all; without one nobody may send.
  fileprivate init(
    _ options: OTLPReceiverOptions, _ authenticators: [ComponentID: any Authenticator], _ counters: ReceiverCounters
  ) {
    let port = { (auth: ReceiverAuthOptions) in
      let links = auth.authenticators.compactMap { named in
        authenticators[named.id].map { AuthenticatorChain.Link($0, counters.tally(ofAuthenticator: "\(named.id)")) }
      }
      return PortAuthentication(AuthenticatorChain(links), timeout: auth.timeout)
    }
    self.init(grpc: options.grpc?.auth.map(port), http: options.http?.auth.map(port))
  }
}

extension DecodeLimits {
  /// The limits that a receiver's configuration sets.
  init(_ options: OTLPLimits) {
    self.init()
    maxDepth = options.maxDepth
    maxRecords = options.maxRecordsPerRequest
    maxValues = options.maxValuesPerRequest
    invalidUTF8 = options.invalidUTF8 == .refuse ? .refuse : .replace
    mendsTimeUnits = options.mendsTimeUnits
  }
}

extension OTLPServiceOptions {
  /// What a receiver's configuration says about requests; each protocol has its own limit on both ports.
  init(_ options: OTLPReceiverOptions) {
    self.init()
    if let http = options.http {
      logsPath = http.logsURLPath
      maxRequestBodyBytes = http.maxRequestBodyBytes
      responseHeaders = http.responseHeaders.map { ($0.key, $0.value.reveal()) }
      cors.allowedOrigins = http.cors.allowedOrigins
      cors.allowedHeaders = http.cors.allowedHeaders
      cors.exposedHeaders = http.cors.exposedHeaders
      cors.maxAgeSeconds = http.cors.maxAgeSeconds
      acceptedCodings = Set(http.compressionAlgorithms.compactMap { ContentCoding(algorithm: $0) })
    }
    if let grpc = options.grpc { maxMessageBytes = grpc.maxMessageBytes }
    retryHint = options.retryAfter
    warnSenders = options.warnSenders
    otherSignals = options.otherSignals
    maxEncodedBytes = options.limits.maxEncodedBytes
  }
}

extension HTTPServerOptions {
  /// How the port of `protocols.grpc` listens.
  init(_ options: OTLPGRPCOptions, _ limits: ConnectionLimits) throws {
    self = limits.listener
    host = options.endpoint.host
    port = Int(options.endpoint.port)
    listener = OTLPListener.grpc.rawValue
    tls = try options.tls.map { try NIOSSLContext(server: $0) }
    http2.maxConcurrentStreams = options.maxConcurrentStreams
    maxConnectionAge = options.keepalive.maxConnectionAge
    maxConnectionAgeGrace = options.keepalive.maxConnectionAgeGrace
    if let idle = options.keepalive.maxConnectionIdle { idleTimeout = idle }
  }

  /// How the port of `protocols.http` listens.
  init(_ options: OTLPHTTPOptions, _ limits: ConnectionLimits) throws {
    self = limits.listener
    host = options.endpoint.host
    port = Int(options.endpoint.port)
    listener = OTLPListener.http.rawValue
    tls = try options.tls.map { try NIOSSLContext(server: $0) }
    headerTimeout = options.readHeaderTimeout
    idleTimeout = options.idleTimeout
    writeTimeout = options.writeTimeout
  }
}

extension ContentCoding {
  /// The coding that an item of `compression_algorithms` names.
  fileprivate init?(algorithm: String) {
    switch algorithm {
    case "": self = .identity
    case "zlib": self = .deflate
    default: self.init(rawValue: algorithm)
    }
  }
}
