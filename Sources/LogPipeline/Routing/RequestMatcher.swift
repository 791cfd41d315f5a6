/// Asks a request for a header field or an entry of gRPC metadata, or by `auth.` and a name for what authentication
/// knows of the sender: it matches if one of the values does.
package struct RequestMatcher: Sendable {
  let name: [UInt8]
  private let text: TextMatcher
  private let isNegated: Bool

  /// Asks for a value that `text` matches or, with `isNegated`, does not match; a field that is not there never does.
  package init(field name: String, _ text: TextMatcher, isNegated: Bool = false) {
    self.name = RequestContext.fieldOrClaimName(name)
    self.text = text
    self.isNegated = isNegated
  }

  package func matches(_ request: RequestContext) -> Bool {
    request.hasValue(of: name) { text.matches($0) != isNegated }
  }
}
