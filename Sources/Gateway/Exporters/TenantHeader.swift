import LogPipeline
import Options

extension ConfigReader {
  /// The header field that says whose the records of a request are; nil unless it is given.
  func tenantHeader(isGRPC: Bool) -> TenantHeader? {
    let key = "tenant_header"
    let name = optional(
      key, .headerName, "The header field that names the tenant; requests then hold one tenant's records.")
    let listed = map(
      "tenants", of: .tenantValue, "What tenant_header holds for a tenant, by its name; for others it holds the name.")
    guard let name, !name.isEmpty else {
      if !listed.isEmpty { error(at: "tenants", "says what tenant_header holds, which is not given") }
      return nil
    }
    check(listed.map(\.key))
    if let problem = problem(ofTenantHeader: name.lowercased(), isGRPC: isGRPC) { error(at: key, problem) }
    checkHeaders(leaving: [name])
    return TenantHeader(name, listed: listed.map { ($0.key, $0.value) })
  }

  private func check(_ tenants: [String]) {
    if tenants.count > Self.maxListedTenants {
      error(at: "tenants", "found \(tenants.count) tenants: the limit is \(Self.maxListedTenants)")
    }
    for entry in entry("tenants")?.value.entries ?? [] {
      guard let problem = TenantName.problem(of: entry.key.utf8) else { continue }
      report.error(at: entry.place, path: path(of: "tenants"), problem)
    }
  }

  /// Reports header fields of every request that would stand in the place of those that tell tenants.
  func checkHeaders(leaving names: [String]) {
    let names = Set(names.map { $0.lowercased() })
    for entry in entry("headers")?.value.entries ?? [] where names.contains(entry.key.lowercased()) {
      report.error(
        at: entry.place, path: path(of: "headers"), "\"\(entry.key)\" is set by the tenant of the records")
    }
  }

  private func problem(ofTenantHeader name: String, isGRPC: Bool) -> String? {
    let shown = "\"\(name.forDisplay(maxCharacters: 64))\""
    if name.utf8.count > Self.maxTenantHeaderBytes {
      return "the name has \(name.utf8.count) bytes, the limit is \(Self.maxTenantHeaderBytes)"
    }
    if let problem = HeaderField.problem(ofName: name) { return problem }
    let isOwn = Self.ownHeaders.contains(name) || isGRPC && name.hasPrefix("grpc-")
    if isOwn { return "\(shown) means something else" }
    return isGRPC && name.hasSuffix("-bin") ? "\(shown) is for bytes, a tenant's name is text" : nil
  }

  private static var maxTenantHeaderBytes: Int { 128 }
  private static var maxListedTenants: Int { 10_000 }

  /// Fields that a request to a destination has anyway.
  private static var ownHeaders: Set<String> {
    ["accept-encoding", "authorization", "content-encoding", "content-type", "host", "user-agent"]
  }
}

extension OptionType where Value == String {
  /// What stands for a tenant in a header field. A percent sign begins what is encoded of a name.
  fileprivate static var tenantValue: OptionType {
    var type = OptionType.nonEmptyString
    type.parse = { (text) throws(OptionMismatch) in
      let isShort = text.utf8.count <= 128
      guard isShort, !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "%") }) else {
        throw OptionMismatch("1 to 128 visible ASCII characters without \"%\"")
      }
      return text
    }
    return type
  }
}
