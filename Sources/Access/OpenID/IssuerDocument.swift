import Options

/// What an issuer says of itself (OpenID Connect Discovery 1.0 section 4), of which the place of its keys counts.
enum IssuerDocument {
  /// The longest address of keys.
  static let maxAddressBytes = 2048
  private static let maxDepth = 16

  /// Where the document of an issuer is.
  static func address(of issuer: String) -> String {
    (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
  }

  /// The address of the keys. The document has to be that of `issuer`, if that counts; with `needsTLS` the address has
  /// to begin with `https://`.
  static func keysAddress(in text: [UInt8], of issuer: String?, needsTLS: Bool) throws(KeyProblem) -> String {
    let document: JSONValue
    do throws(JSONFault) {
      document = try JSONValue(text, maxDepth: maxDepth)
    } catch {
      throw KeyProblem("the issuer's document \(error.reason)")
    }
    if let issuer {
      let named = document["issuer"]?.text
      guard named == issuer else {
        let whose = named.map { ": \($0.forDisplay(maxCharacters: 256))" } ?? ""
        throw KeyProblem("the document is that of another issuer\(whose)")
      }
    }
    guard let address = document["jwks_uri"]?.text else { throw KeyProblem("the document has no jwks_uri") }
    let count = address.utf8.count
    guard count <= maxAddressBytes else {
      throw KeyProblem("jwks_uri has \(count) bytes: the limit is \(maxAddressBytes) bytes")
    }
    guard address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw KeyProblem("jwks_uri is no URL") }
    let schemes = needsTLS ? ["https://"] : ["https://", "http://"]
    guard schemes.contains(where: { address.lowercased().hasPrefix($0) }) else {
      throw KeyProblem(needsTLS ? "jwks_uri does not begin with https://, as the issuer does" : "jwks_uri is no URL")
    }
    return address
  }
}
