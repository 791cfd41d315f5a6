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
    tenants = policy
  }

  private static func sources(_ options: ConfigReader) -> [TenantSource] {
    let given = options.placedList(
      "from", of: .tenantSource, default: ["auth.tenant"],
      "What names the tenant, in this order: auth.<name>, metadata.<header field>, resource.<attribute>.")
    let sources = given.compactMap { TenantSource($0.value) }
    if given.isEmpty { options.error(at: "from", "at least one source is required") }
    if given.count > maxSources {
      options.error(at: "from", "found \(given.count) sources: the limit is \(maxSources)")
    }
    var isProven = true
    for (position, source) in sources.enumerated() {
      let path = "\(options.path(of: "from"))[\(position)]"
      if sources[..<position].contains(source) {
        options.report.error(at: given[position].place, path: path, "\"\(source.text)\" is named twice")
      }
      guard case .claim = source else {
        isProven = false
        continue
      }
      if isProven { continue }
      options.report.error(
        at: given[position].place, path: path,
        "\"\(source.text)\" has to come first: anybody can set a header field or an attribute")
    }
    return sources
  }
}

extension OptionType where Value == String {
  /// The name of a tenant, or nothing.
  static var tenantName: OptionType {
    var type = OptionType.string
    type.parse = { (text) throws(OptionMismatch) in
      if !text.isEmpty, TenantName.problem(of: text.utf8) != nil {
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
