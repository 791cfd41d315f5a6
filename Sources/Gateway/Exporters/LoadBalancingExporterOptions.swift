package import LogExport
package import LogPipeline
package import Options

/// `exporters.loadbalancing`: several OTLP endpoints over gRPC, each of which gets what belongs together.
package struct LoadBalancingExporterOptions: SignalExporterOptions {
  package static let doc = "Several OTLP endpoints over gRPC: what belongs together goes to the same."

  package var delivery: DeliveryOptions
  package var frameFormat: String { OTLPExporterOptions.frameFormat(of: signal) }
  package var signal = Signal.logs
  package let auth: ExporterAuth?
  let sender: GRPCSenderOptions
  /// What belongs together; nil for what is usual for a signal.
  let key: BalancedDialect.Key?
  let lookup: MemberLookupOptions?
  let members: MemberTable

  /// Ways to route of the Collector's that look into metrics.
  private static let keysOfMetrics = ["metric", "resource", "streamID"]

  package init(_ options: ConfigReader) {
    key = Self.key(options)
    (sender, delivery) = options.section("protocol", "How members are spoken to.") { named in
      named.section("otlp", "OTLP over gRPC; what it says of an endpoint does not count.") { otlp in
        _ = otlp.optional("endpoint", .string, "Of no effect: the resolver says where members are.")
        otlp.ignored(
          "sending_queue", "retry_on_failure", because: "one queue holds records for all members, beside protocol")
        let timeout = otlp.read(
          "timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: .seconds(30), "As timeout of all.")
        return (GRPCSenderOptions(otlp), DeliveryOptions(options, timeout: timeout))
      }
    }
    let (hostnames, lookup) = options.section("resolver", "Who the members are.") { Self.resolver($0) }
    self.lookup = lookup
    members = MemberTable(hostnames)
    let scheme = sender.isInsecure ? "http://" : ""
    let addresses = hostnames + (lookup.map { ["\($0.hostname):\($0.port)"] } ?? [])
    auth = options.exporterAuth(to: addresses.map { $0.contains("://") ? $0 : scheme + $0 }, isGRPC: true)
  }

  private static func key(_ options: ConfigReader) -> BalancedDialect.Key? {
    let given = options.read(
      "routing_key", .oneOf(["", "traceID", "service", "attributes"] + keysOfMetrics), default: "",
      "What belongs together: records and spans by their trace, else by attributes.")
    let named = options.list(
      "routing_attributes", of: .nonEmptyString, "The attributes of routing_key: attributes; of the resource first.")
    if named.count > maxAttributes {
      options.error(at: "routing_attributes", "found \(named.count) attributes: the limit is \(maxAttributes)")
    }
    if given == "attributes", named.isEmpty { options.requireOne(of: "routing_attributes") }
    if given != "attributes", !named.isEmpty {
      options.error(at: "routing_attributes", "is of no use without routing_key: attributes")
    }
    if keysOfMetrics.contains(given) {
      options.error(
        at: "routing_key", "not supported by sluice: metrics are not looked into; use service or attributes")
    }
    switch given {
    case "traceID": return .trace
    case "service": return .service
    case "attributes": return .attributes(named)
    default: return nil
    }
  }

  private static let maxAttributes = 16

  /// The members that are listed, or how they are looked up.
  private static func resolver(_ options: ConfigReader) -> (hostnames: [String], lookup: MemberLookupOptions?) {
    if options.has("static"), options.has("dns") {
      options.error(at: "dns", "cannot be given together with static")
      for key in ["static", "dns"] { _ = options.take(key) }
      return ([], nil)
    }
    let hostnames = options.optionalSection("static", "Members that are listed.") { listed in
      let hostnames = listed.list(
        "hostnames", of: .grpcEndpoint, "host or host:port of each; port 4317 if none is said.")
      if hostnames.isEmpty { listed.requireOne(of: "hostnames") }
      if hostnames.count > MemberLookup.maxMembers {
        listed.error(at: "hostnames", "found \(hostnames.count) members: the limit is \(MemberLookup.maxMembers)")
      }
      return hostnames
    }
    let lookup = options.optionalSection("dns", "Members that a name has as its addresses.") { dns in
      var lookup = MemberLookupOptions()
      lookup.hostname = dns.required("hostname", .nonEmptyString, "The name that is looked up.")
      lookup.port = dns.read("port", .int(in: 1...65_535), default: lookup.port, "The port of every member.")
      lookup.interval = dns.read(
        "interval", .duration(in: .milliseconds(100) ... .maxConfigured), default: lookup.interval,
        "How long an answer counts.")
      lookup.timeout = dns.read(
        "timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: lookup.timeout,
        "How long an answer is waited for.")
      return lookup
    }
    options.unsupported("k8s", "aws_cloud_map", because: "use dns with the name of a headless service")
    if hostnames == nil, lookup == nil { options.requireOne(of: "static", "dns") }
    return (hostnames ?? [], lookup)
  }

  package var compression: Compression { sender.compression }

  package func problem(in signal: Signal) -> String? {
    signal == .metrics && key == .trace
      ? "has routing_key: traceID, which metrics do not have: use service or attributes" : nil
  }

  package func makeDialect() throws -> any Dialect {
    BalancedDialect(key ?? (signal == .metrics ? .service : .trace), signal: signal, members: members)
  }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender {
    var options = sender
    options.credentials = parts.credentials
    if let lookup, options.tls.serverNameOverride == nil { options.tls.serverNameOverride = lookup.hostname }
    return try BalancingSender(
      options, members: members, lookup: lookup.map { MemberLookup($0) }, group: parts.group)
  }

  package static func replayDialect(_ format: BodyFormat) -> (any Dialect)? {
    OTLPHTTPExporterOptions.replayDialect(format)
  }
}
