import Access
import LogExport
import Options

extension HTTPSenderOptions {
  /// Reads what every HTTP destination has: addresses, credentials, TLS, compression, connections.
  init(
    _ options: ConfigReader, endpoints: [HTTPURL], compression: Compression,
    algorithms: OptionType<String> = .oneOf(["none", "gzip", "zstd"])
  ) {
    self.init()
    self.endpoints = endpoints.map { "\($0)" }
    headers = options.headers("headers", "Header fields of every request.").map { ($0.key, $0.value.reveal()) }
    self.compression = readCompression(options, default: compression, algorithms: algorithms)
    tls = options.section("tls", "TLS towards the destination.") { tls in
      _ = tls.read("insecure", .bool, default: false, "Of no effect: the scheme of the endpoint says if TLS is used.")
      if !endpoints.isEmpty, !endpoints.contains(where: \.isTLS) { tls.warnOfClearText("no endpoint is https://") }
      return ClientTLSOptions(tls)
    }
    connectTimeout = options.read(
      "connect_timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: connectTimeout,
      "Time to connect, TLS included; not in the Collector.")
    idleConnectionTimeout = options.read(
      "idle_conn_timeout", .duration(), default: idleConnectionTimeout, "An idle connection is closed after so long.")
    maxConnections = options.read(
      "max_conns_per_host", .int(in: 1...10_000), default: maxConnections, "Connections to each endpoint.")
    maxAnswerBytes = options.read(
      "max_answer_size", .byteSize(in: 1...(1 << 30)), default: maxAnswerBytes,
      "The largest answer that is read; not in the Collector.")
    options.ignored(
      "read_buffer_size", "write_buffer_size", "max_idle_conns", "max_idle_conns_per_host", "disable_keep_alives",
      "http2_read_idle_timeout", "http2_ping_timeout", "force_attempt_http2", "cookies",
      because: "connections are kept as the gateway sees fit")
    proxies = options.proxies(
      given: options.optional(
        "proxy_url", .proxyURL, "The proxy that all connections go through, instead of those of the environment."))
    options.unsupported("middlewares", because: "there is no such step on this exporter")
  }

  /// The same, presenting what an extension says.
  func presenting(_ credentials: (any RequestCredentials)?) -> HTTPSenderOptions {
    var options = self
    options.credentials = credentials
    return options
  }
}

/// What the Collector can compress with and this gateway cannot: gzip is used instead, which servers of these take too.
let gzipInstead = ["snappy", "x-snappy-framed", "zlib", "deflate", "lz4"]

/// Reads `compression` and `compression_params.level`.
func readCompression(
  _ options: ConfigReader, default defaultValue: Compression,
  algorithms: OptionType<String> = .oneOf(["none", "gzip", "zstd"]), alsoGzip others: [String] = gzipInstead
) -> Compression {
  var type = algorithms
  type.parse = { (text) throws(OptionMismatch) in
    if text.isEmpty { return "none" }
    return others.contains(text) ? text : try algorithms.parse(text)
  }
  var name = options.read(
    "compression", type, default: defaultValue.contentEncoding ?? "none", "How bodies are compressed.")
  if others.contains(name) {
    options.warning(at: "compression", "bodies are compressed with gzip: \(name) is not supported")
    name = "gzip"
  }
  let level = options.section("compression_params", "How much effort compression takes.") { params in
    params.optional("level", .int(in: 1...19), "1 is fastest; gzip goes to 12, zstd to 19.")
  }
  switch name {
  case "gzip":
    if let level, level > 12 { options.error(at: "compression_params", "gzip has levels 1 to 12, found \(level)") }
    return .gzip(level: min(level ?? 1, 12))
  case "zstd": return .zstd(level: level ?? 1)
  default: return .none
  }
}

/// Reads `user` and `password`, or an API key, as one kind of credentials.
func readAuthorization(_ options: ConfigReader, apiKey: Bool) -> Authorization {
  let user = options.optional("user", .string, "User name of basic authentication.")
  let password = options.optional("password", .secret, "Password of basic authentication.")
  let key = apiKey ? options.optional("api_key", .headerSecret, "An encoded API key; without text none is sent.") : nil
  if let key {
    if user != nil { options.error(at: "api_key", "cannot be given together with user") }
    if !key.isEmpty { return .apiKey(key.reveal()) }
  }
  if let user, user.utf8.contains(UInt8(ascii: ":")) {
    options.error(at: "user", "cannot have a colon, which ends the name in basic authentication (RFC 7617)")
  }
  guard let user else {
    if password != nil { options.error(at: "password", "is of no use without user") }
    return .none
  }
  return .basic(user: user, password: password?.reveal() ?? "")
}

extension ConfigReader {
  /// Warns that a `tls` section that says more than that there is none has no effect.
  func warnOfClearText(_ why: String) {
    if let key = keys.first(where: { !$0.hasPrefix("insecure") }) { warning(at: key, "has no effect: \(why)") }
  }
}

extension ClientTLSOptions {
  /// Reads the Collector's `tls` section of a client, but for `insecure`.
  init(_ options: ConfigReader) {
    self.init()
    material.authorities = options.pem("ca", "Authorities to trust instead of the system's")
    trustsSystemToo = options.read(
      "include_system_ca_certs_pool", .bool, default: false, "Whether the system's authorities are trusted too.")
    material.chain = options.pem("cert", "The certificate chain to present")
    material.key = options.pem("key", "Its private key")
    insecureSkipVerify = options.read(
      "insecure_skip_verify", .bool, default: false, "Takes any certificate; only for tests.")
    serverNameOverride = options.optional(
      "server_name_override", .nonEmptyString, "The name to expect in the certificate.")
    settings = TLSSettings(options, defaultSuites: [])
    let check = TLSCheck(options)
    check.checkTogether(material)
    check.checkPair(material)
    check.checkAuthorities("ca", material.authorities)
  }
}
