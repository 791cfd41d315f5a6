import Access
import HTTPTransport
import LogPipeline

extension Tenants {
  /// The tenant that a head names, by what authentication knows of its sender or by its fields.
  func tenant(of head: HTTPRequestHead, from identity: Identity?) throws(Refusal) -> HeadTenant? {
    do throws(TenantRefusal) {
      return try policy.tenant { source in
        switch source {
        case .claim(let name): identity?.values(of: name) ?? []
        case .field(let name): head.headers[name]
        case .attribute: []
        }
      }
    } catch {
      throw .tenant(error)
    }
  }
}

extension Identity {
  /// What `auth.<name>` stands for.
  fileprivate func values(of name: String) -> [String] {
    if name == "tenant", let tenant { return [tenant] }
    return attributes.filter { $0.name == name }.map(\.value)
  }
}
