import Access
import Files
import HTTPTransport
import LogPipeline
import OTLPReceiver
import Options

/// One receiver at work: the service that answers its requests and how its ports listen.
package struct Receiver: Sendable {
  let id: String
  let service: OTLPService
  /// Where ports find the service; it stays when another service takes its place.
  let slot: ServiceSlot
  /// What it takes.
  let signals: [Signal]
  let counters: ReceiverCounters
  let budget: ByteBudget
  let listeners: [HTTPServerOptions]
  /// The TLS of its ports.
  private let tls: [PortTLS]

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
    let tenants = options.tenants.flatMap { surroundings.tenants[$0.id] }
    let ingests = Signal.allCases.compactMap { signal -> IngestPipeline? in
      let own = pipelines.filter { $0.signal == signal }
      if own.isEmpty { return nil }
      var ingest = IngestPipeline(signal, pipelines: own, limits: DecodeLimits(options.limits), tenants: tenants)
      ingest.usage = surroundings.usage?[signal]
      return ingest
    }
    signals = ingests.map(\.signal)
    let first = ingests.first ?? IngestPipeline(pipelines: [], limits: DecodeLimits(options.limits), tenants: tenants)
    service = OTLPService(
      first, and: Array(ingests.dropFirst()), options: OTLPServiceOptions(options), budget: budget,
      health: surroundings.health,
      counters: counters, workers: surroundings.workers,
      authentication: OTLPAuthentication(options, surroundings.authenticators, counters),
      report: { refusal, head in
        refusals.count(refusal, of: head, receiver: id, port: options.port(of: head))
      })
    slot = old?.slot ?? ServiceSlot(service)
    let ports: [(name: String, listener: HTTPServerOptions?, tls: TLSServerOptions?)] = [
      ("grpc", options.grpc.map { HTTPServerOptions($0, options.limits.connections) }, options.grpc?.tls),
      ("http", options.http.map { HTTPServerOptions($0, options.limits.connections) }, options.http?.tls),
    ]
    tls = try ports.compactMap { name, _, tls in
      try tls.map { PortTLS(name: name, files: try $0.watched(after: old?.counts(ofTLS: name))) }
    }
    listeners = ports.compactMap { [tls] name, listener, _ in
      var listener = listener
      listener?.tls = tls.first { $0.name == name }?.context
      listener?.handshakeFailed = { refusals.count($0, receiver: id) }
      return listener
    }
  }
}

extension OTLPReceiverOptions {
  /// The port that a request came over; nil if the system has chosen it.
  fileprivate func port(of head: HTTPRequestHead) -> Int? {
    let endpoint = head.listener == OTLPListener.http.rawValue ? http?.endpoint : grpc?.endpoint
    return endpoint.flatMap { $0.port == 0 ? nil : Int($0.port) }
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

extension Receiver {
  /// The files that it uses.
  var files: [UsedFiles] { tls.flatMap { UsedFiles.tls($0.files, at: "protocols.\($0.name).tls") } }

  /// Unix times at which the certificates of its ports end, by protocol.
  var certificateExpiries: [(protocol: String, seconds: Int)] {
    tls.compactMap { port in port.files.value.certificateExpiry.map { (port.name, $0) } }
  }

  /// How often the files of a port's TLS were read again.
  private func counts(ofTLS name: String) -> FileCounts? { tls.first { $0.name == name }?.files.counts }
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
      tracesPath = http.tracesURLPath
      metricsPath = http.metricsURLPath
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
  /// How the port of `protocols.grpc` listens, but for TLS.
  init(_ options: OTLPGRPCOptions, _ limits: ConnectionLimits) {
    self = limits.listener
    host = options.endpoint.host
    port = Int(options.endpoint.port)
    listener = OTLPListener.grpc.rawValue
    proxies = options.proxies
    http2.maxConcurrentStreams = options.maxConcurrentStreams
    maxConnectionAge = options.keepalive.maxConnectionAge
    maxConnectionAgeGrace = options.keepalive.maxConnectionAgeGrace
    if let idle = options.keepalive.maxConnectionIdle { idleTimeout = idle }
  }

  /// How the port of `protocols.http` listens, but for TLS.
  init(_ options: OTLPHTTPOptions, _ limits: ConnectionLimits) {
    self = limits.listener
    host = options.endpoint.host
    port = Int(options.endpoint.port)
    listener = OTLPListener.http.rawValue
    proxies = options.proxies
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
