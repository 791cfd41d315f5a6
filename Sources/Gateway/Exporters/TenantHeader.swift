import Options

extension ConfigReader {
  /// The name of the header field that says whose the records of a request are; nil unless it is given.
  func tenantHeader(isGRPC: Bool) -> String? {
    let key = "tenant_header"
    let name = optional(
      key, .headerName, "The header field that names the tenant; requests then hold one tenant's records.")
    guard let name, !name.isEmpty else { return nil }
    if let problem = problem(ofTenantHeader: name.lowercased(), isGRPC: isGRPC) { error(at: key, problem) }
    checkHeaders(leaving: [name])
    return name
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

  /// Fields that a request to a destination has anyway.
  private static var ownHeaders: Set<String> {
    ["accept-encoding", "authorization", "content-encoding", "content-type", "host", "user-agent"]
  }
}
