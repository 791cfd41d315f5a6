/// What the certificate of a client says of it. The chain up to it has been verified.
package final class ClientCertificate: Sendable {
  /// The subject's common name; nil if it has none, or several, of which none is more its name than another.
  package let commonName: String?
  /// The whole subject as RFC 4514 has it, such as `CN=shop,O=Example`; attributes without a short name there stand as
  /// `?`.
  package let subject: String
  /// The subject's alternative names of three kinds, in the order they come (RFC 5280 section 4.2.1.6).
  package let dnsNames: [String]
  package let uris: [String]
  package let emails: [String]
  /// The SHA-256 of the certificate, as lower-case hexadecimal digits.
  package let fingerprint: String
  /// Unix time at which it ends.
  package let notAfter: Int

  package init(
    subject: [(type: String, value: String)], dnsNames: [String] = [], uris: [String] = [], emails: [String] = [],
    fingerprint: String = "", notAfter: Int = 0
  ) {
    let common = subject.filter { $0.type == "CN" }
    commonName = common.count == 1 ? common[0].value : nil
    self.subject = subject.reversed().map { "\($0.type)=\(Self.escaped($0.value))" }.joined(separator: ",")
    self.dnsNames = dnsNames
    self.uris = uris
    self.emails = emails
    self.fingerprint = fingerprint
    self.notAfter = notAfter
  }

  /// A value so that its end, and the name that follows, cannot be mistaken: RFC 4514 section 2.4.
  private static func escaped(_ value: String) -> String {
    var text = ""
    for (index, character) in value.unicodeScalars.enumerated() {
      let isAtEdge = index == 0 || index == value.unicodeScalars.count &- 1
      switch character {
      case "\0": text += "\\00"
      case "\"", "+", ",", ";", "<", ">", "\\", "=": text += "\\\(character)"
      case " " where isAtEdge, "#" where index == 0: text += "\\\(character)"
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }
}
