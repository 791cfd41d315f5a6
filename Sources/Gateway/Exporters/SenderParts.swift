package import Access
package import NIOCore

/// What the gateway gives a sender beside its options.
package struct SenderParts: Sendable {
  /// The event loops for connections to destinations.
  package let group: any EventLoopGroup
  /// What requests present of the gateway (`auth`).
  package let credentials: (any RequestCredentials)?
  /// The stores that are open.
  package var stores = OpenStores()

  package init(group: any EventLoopGroup, credentials: (any RequestCredentials)? = nil) {
    self.group = group
    self.credentials = credentials
  }
}
