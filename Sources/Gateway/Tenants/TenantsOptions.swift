package import LogPipeline
package import Options

/// `extensions.tenants`: whose records are, and what each tenant may have; not in the Collector.
package struct TenantsOptions: ExtensionOptions {
  package static let doc = "Says whose records are, and what each tenant may have; not in the Collector."

  package let tenants: TenantPolicy?

  /// The most sources of names.
  private static let maxSources = 8

  package init(_ options: ConfigReader) {
    var policy = TenantPolicy()
    policy.sources = Self.sources(options)
    policy.defaultName = Array(
      options.read(
        "default", .tenantName, default: "", "Whose records are that nothing names a tenant for; \"\" for nobody."
      ).utf8)
    policy.isRequired = options.read(
      "required", .bool, default: false, "Whether records of no tenant are refused.")
    if policy.isRequired, !policy.defaultName.isEmpty {
      options.error(at: "required", "default gives every record a tenant: only one of the two may be given")
    }
    policy.whenIdle = options.read(
      "when_idle", .choice(TenantWhenIdle.admit), default: .admit,
      "What becomes of a tenant over its quota while the gateway has room to spare: admit or refuse.")
    policy.quota = options.section("quota", "What each tenant may have, in this process.") { TenantQuota($0) }
    policy.quotas = Self.quotas(options)
    if case .attribute? = policy.sources.first, policy.limitsInFlight {
      options.warning(
        at: "from",
        "in_flight of quotas counts nobody's: an attribute, which is asked first, is known once a body has been decoded"
      )
    }
    policy.weights = Self.weights(options)
    policy.maxTenants = options.read(
      "max_tenants", .int(in: 1...10_000), default: policy.maxTenants,
      "Tenants that are told apart at once; further ones are as one, but for those that quotas and weights name.")
    policy.maxTenantsOfRequest = options.read(
      "max_tenants_per_request", .int(in: 1...10_000), default: policy.maxTenantsOfRequest,
      "Tenants that the resources of one request may name; one of more is refused.")
    tenants = policy
  }

  /// The most tenants that are named.
  private static let maxNamed = 10_000

  private static func quotas(_ options: ConfigReader) -> [[UInt8]: TenantQuota] {
    let given = options.namedSections(
      "quotas", maxCount: maxNamed, "What a tenant may have instead, by its name."
    ) { name, place, section -> ([UInt8], TenantQuota)? in
      check(name, at: place, section)
      return (Array(name.utf8), TenantQuota(section))
    }
    return Dictionary(given) { $1 }
  }

  private static func weights(_ options: ConfigReader) -> [[UInt8]: Int] {
    let given = options.map(
      "weights", of: .int(in: 1...1000),
      "How many shares a tenant has where there is too little for all; 1 if unnamed.")
    if given.count > maxNamed {
      options.error(at: "weights", "found \(given.count) tenants: the limit is \(maxNamed)")
    }
    for entry in options.entry("weights")?.value.entries ?? [] { check(entry.key, at: entry.place, options) }
    return Dictionary(given.map { (Array($0.key.utf8), $0.value) }) { $1 }
  }

  private static func check(_ name: String, at place: ConfigPlace, _ options: ConfigReader) {
    guard let problem = TenantName.problem(of: name.utf8) else { return }
    options.report.error(at: place, path: options.path, problem)
  }

  private static func sources(_ options: ConfigReader) -> [TenantSource] {
    let given = options.placedList(
      "from", of: .tenantSource, default: ["auth.tenant"],
      "What names the tenant, in this order: auth.<name>, metadata.<header field>, resource.<attribute>.")
    let sources = given.compactMap { TenantSource($0.value) }
    if options.has("from"), options.isEmpty("from") { options.error(at: "from", "at least one source is required") }
    if given.count > maxSources {
      options.error(at: "from", "found \(given.count) sources: the limit is \(maxSources)")
    }
    var isProven = true
    for (position, source) in sources.enumerated() {
      let path = "\(options.path(of: "from"))[\(position)]"
      if sources[..<position].contains(source) {
        options.report.error(at: given[position].place, path: path, "\"\(source.text)\" is named twice")
      }
      guard case .claim(let name) = source else {
        isProven = false
        continue
      }
      if options.has("from") { options.report.ask(claim: name, at: given[position].place, path: path) }
      if isProven { continue }
      options.report.error(
        at: given[position].place, path: path,
        "\"\(source.text)\" has to come first: anybody can set a header field or an attribute")
    }
    return sources
  }
}

extension TenantPolicy {
  /// Whether a quota bounds requests on their way.
  fileprivate var limitsInFlight: Bool {
    quota.inFlightBytes != nil || quotas.values.contains { $0.inFlightBytes != nil }
  }
}

extension OptionType where Value == String {
  /// The name of a tenant, or nothing.
  static var tenantName: OptionType { tenantName(mayBeEmpty: true) }

  /// The name of a tenant.
  static var senderTenant: OptionType { tenantName(mayBeEmpty: false) }

  private static func tenantName(mayBeEmpty: Bool) -> OptionType {
    var type = OptionType.string
    type.parse = { (text) throws(OptionMismatch) in
      if !(mayBeEmpty && text.isEmpty), TenantName.problem(of: text.utf8) != nil {
        throw OptionMismatch("a name of at most \(TenantName.maxBytes) bytes without control characters")
      }
      return text
    }
    return type
  }

  /// What can name the tenant of a request.
  fileprivate static var tenantSource: OptionType {
    var type = OptionType.nonEmptyString
    type.parse = { (text) throws(OptionMismatch) in
      guard TenantSource(text) != nil else {
        throw OptionMismatch("auth.<name>, metadata.<header field> or resource.<attribute>")
      }
      return text
    }
    return type
  }
}

extension TenantQuota {
  /// Reads what a tenant may have.
  fileprivate init(_ options: ConfigReader) {
    self.init()
    let perSecond = options.optional(
      "records_per_second", .int(in: 1...Rate.maxPerSecond), "Records that are taken in a second.")
    let bytesPerSecond = options.optional(
      "bytes_per_second", .byteSize(in: 1...Rate.maxPerSecond),
      "Bytes of decompressed bodies that are taken in a second.")
    let burst = options.read(
      "burst", .duration(in: .milliseconds(1)...Rate.maxBurst), default: .seconds(1),
      "What the rates grant in this time may come at once.")
    records = perSecond.map { Rate(perSecond: $0, burst: burst) }
    bytes = bytesPerSecond.map { Rate(perSecond: $0, burst: burst) }
    inFlightBytes = options.optional(
      "in_flight", .byteSize(in: 1...(1 << 40)),
      "Bytes of requests being received and worked on, of tenants that are known by a request's head.")
    queuedBytes = options.optional(
      "queued", .byteSize(in: 1...(1 << 50)), "Bytes in all queues that requests to this process have brought.")
  }
}
