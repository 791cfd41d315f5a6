package import Files
package import NIOCore
package import NIOHTTP1
package import Options

/// What requests to a destination present of the gateway; one for each extension that an exporter's `auth` names.
package protocol RequestCredentials: Sendable {
  /// Writes into the head of a request what it presents; names of fields are in lower case. It is called once for each
  /// attempt, and may have to obtain something first, for which it takes `limit` at most.
  func write(to head: inout HTTPHeaders, within limit: Duration) async throws(CredentialFailure)
  /// The same for records of whose requests' metadata something is known. Default: that makes no difference.
  func write(
    to head: inout HTTPHeaders, of metadata: SenderMetadata, within limit: Duration
  ) async throws(CredentialFailure)
  /// Takes note that a destination did not know the gateway by what `write` had put into this head. True if something
  /// else may be written now, so that it is worth to send once more.
  func wereRefused(in head: HTTPHeaders) -> Bool
  /// The files that it uses and has read again when they hold something else.
  var files: [UsedFiles] { get }
  /// How obtaining it went so far; nil if there is nothing to obtain.
  var fetches: CredentialFetches? { get }
}

extension RequestCredentials {
  package func write(
    to head: inout HTTPHeaders, of metadata: SenderMetadata, within limit: Duration
  ) async throws(CredentialFailure) {
    try await write(to: &head, within: limit)
  }

  package var files: [UsedFiles] { [] }
  package var fetches: CredentialFetches? { nil }
}

/// Why there is nothing to present now; quotes no credential.
package struct CredentialFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// How often a credential was asked for, and until when it is good.
package struct CredentialFetches: Sendable, Equatable {
  package var succeeded = 0
  package var failed = 0
  /// Unix time at which the one that is used ends; nil if that is not known, or if there is none.
  package var expiry: Int?

  package init() {}
}

/// The options of an extension that exporters may name in `auth`.
package protocol CredentialOptions: Sendable {
  /// Whether what is presented is of use for whoever reads it on the way.
  var areSecret: Bool { get }
  /// The extension that presents something before this one does.
  var additional: ComponentReference? { get }
  /// What it takes of the metadata of the requests that records came in; nothing unless it says.
  var metadataUses: [MetadataUse] { get }
  /// Makes what presents it, which sends its own requests on the loops of `group`.
  func makeCredentials(
    after additional: (any RequestCredentials)?, group: any EventLoopGroup
  ) throws -> any RequestCredentials
}

extension CredentialOptions {
  package var metadataUses: [MetadataUse] { [] }
}
