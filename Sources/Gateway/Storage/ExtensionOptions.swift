package import Access
package import LogPipeline
package import NIOCore
package import Options

/// The options of one extension type.
package protocol ExtensionOptions: ComponentOptions {
  /// The folder in which exporters may keep their queues; nil if the extension is no storage.
  var storage: FileStorageOptions? { get }
  /// Whether it can say who sends a request, so that `auth` of a receiver may name it.
  var isAuthenticator: Bool { get }
  /// The names by which it gives out what it knows of a sender (`auth.` and the name); nil if these can be any.
  var claims: [String]? { get }
  /// Says who sends a request, sending its own requests on the loops of `group`; nil if the extension is no
  /// authenticator. Throws what its files are not fit for.
  func makeAuthenticator(id: String, group: any EventLoopGroup) throws -> (any Authenticator)?
  /// The header field that holds what it knows a sender by; nil if that is none of its own.
  var credentialHeader: String? { get }
  /// Whether it knows senders by a certificate, for which the port has to ask them.
  var needsClientCertificates: Bool { get }
  /// What exporters that name the extension in `auth` present to their destinations; nil if it has nothing to present.
  var credentials: (any CredentialOptions)? { get }
  /// How the tenants of requests are known, and what they may have; nil if the extension says nothing of tenants.
  var tenants: TenantPolicy? { get }
  /// The port that it answers on; nil if it has none.
  var port: ExtensionPort? { get }
}

extension ExtensionOptions {
  package var storage: FileStorageOptions? { nil }
  package var isAuthenticator: Bool { false }
  package var claims: [String]? { [] }
  package func makeAuthenticator(id: String, group: any EventLoopGroup) throws -> (any Authenticator)? { nil }
  package var credentialHeader: String? { nil }
  package var needsClientCertificates: Bool { false }
  package var credentials: (any CredentialOptions)? { nil }
  package var tenants: TenantPolicy? { nil }
  package var port: ExtensionPort? { nil }
}

/// A component's reference to an extension that it uses.
package struct ExtensionReference: Sendable {
  package var id: ComponentID
  package var place: ConfigPlace
  package var path: String
}
