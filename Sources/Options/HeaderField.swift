/// What the header fields of a request may consist of: RFC 9110 sections 5.1 and 5.5.
package enum HeaderField {
  /// Fields that belong to one message or connection and that the gateway sets as they have to be.
  private static let ownNames: Set<String> = [
    "connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  ]

  /// True for a token, the only thing a name may be.
  package static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "!#$%&'*+-.^_`|~".utf8.contains($0) }
  }

  /// False for a value that would break out of its field.
  package static func isValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }
  }

  /// Fields that hold what lets somebody in.
  private static let credentialNames: Set<String> = [
    "api-key", "apikey", "authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token",
    "x-amz-security-token",
  ]

  /// Whether a field of this name holds what lets somebody in.
  package static func isCredential(_ name: String) -> Bool { credentialNames.contains(name.lowercased()) }

  /// Why a field of this name cannot be configured; nil if it can.
  package static func problem(ofName name: String) -> String? {
    let shown = "\"\(name.forDisplay(maxCharacters: 64))\""
    if !isName(name) { return "\(shown) is not the name of a header field" }
    return ownNames.contains(name.lowercased()) ? "\(shown) is set by the gateway itself" : nil
  }
}

extension OptionType where Value == String {
  /// The name of a header field.
  package static var headerName: OptionType {
    var type = OptionType.nonEmptyString
    type.parse = { (text) throws(OptionMismatch) in
      guard HeaderField.isName(text) else { throw OptionMismatch("the name of a header field") }
      return text
    }
    return type
  }
}

extension OptionType where Value == Secret {
  /// A text that is never shown and that a header field can carry.
  package static var headerSecret: OptionType {
    var type = OptionType.secret
    type.parse = { (text) throws(OptionMismatch) in
      guard HeaderField.isValue(text) else {
        throw OptionMismatch("text without control characters (is there a line feed at its end?)", hidesText: true)
      }
      return Secret(text)
    }
    return type
  }
}

extension ConfigReader {
  /// A map of header fields that are added to every message.
  package func headers(_ key: String, _ doc: String) -> [(key: String, value: Secret)] {
    for entry in entry(key)?.value.pairsAsMap.entries ?? [] {
      guard let problem = HeaderField.problem(ofName: entry.key) else { continue }
      report.error(at: entry.place, path: path(of: key), problem)
    }
    return map(key, of: .headerSecret, doc)
  }
}
