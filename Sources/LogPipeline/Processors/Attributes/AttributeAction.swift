/// One action of the `attributes` and `resource` processors, as the configuration gives it.
package enum AttributeAction: Sendable {
  /// Adds the attribute if there is none of this key.
  case insert(key: String, ValueSource)
  /// Gives the attribute a value if there is one of this key.
  case update(key: String, ValueSource)
  /// Does one of the two.
  case upsert(key: String, ValueSource)
  /// Removes what has this key, and what has a key that the pattern is found in.
  case delete(key: String?, pattern: Pattern?)
  /// Replaces values by their hashes; keys and patterns as in `delete`.
  case hash(key: String?, pattern: Pattern?)
  /// Sets an attribute for each group of the pattern, named like the group, if it is found in the value of this key.
  case extract(key: String, pattern: Pattern)
  /// Changes the kind of a value if it can be read as that kind.
  case convert(key: String, to: ConvertedType)

  /// Where a value comes from.
  package enum ValueSource: Sendable {
    case constant(Constant)
    /// The value of another attribute of the same owner, or else a default.
    case attribute(String, default: Constant?)
    /// What the request says beside its records, or else a default.
    case context(ContextSource, default: Constant?)
  }

  /// What is asked of a request.
  package enum ContextSource: Sendable, Equatable {
    /// The sender's IP address.
    case clientAddress
    /// The values of a header field or entry of gRPC metadata, with `;` between them.
    case field(String)
    /// Likewise what authentication knows of the sender.
    case claim(String)
  }

  /// The kinds that `convert` converts to.
  package enum ConvertedType: String, Sendable, CaseIterable {
    case int, double, string, bool
  }
}
