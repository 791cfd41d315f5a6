package import Options

/// What is known of the metadata of the requests that records came in, when these are sent on: only what they are kept
/// apart by. Values may be secret.
package struct SenderMetadata: Sendable, Equatable {
  private let values: [(key: String, value: String)]

  /// Values by the keys that they are asked for by; a key may have several.
  package init(_ values: [(key: String, value: String)] = []) { self.values = values }

  /// The first value of a key; nil if there is none.
  package func value(of key: String) -> String? { values.first { $0.key == key }?.value }

  package static func == (one: SenderMetadata, other: SenderMetadata) -> Bool {
    one.values.elementsEqual(other.values) { $0.key == $1.key && $0.value == $1.value }
  }
}

/// Use that an extension makes of what a request had by a key (`from_context`, `from_attribute`).
package struct MetadataUse: Sendable {
  /// The header field to destinations.
  package let header: String
  /// A header field of the request in lower case, or `auth.` and the name of what authentication knows of the sender.
  package let key: String
  /// What the field holds where a request had no value; nil leaves it as it is.
  package let otherwise: String?
  /// Where the configuration says it.
  package let place: ConfigPlace
  package let path: String
}
