/// A token of three parts (RFC 7519, RFC 7515 section 7.1) that has been taken apart; nothing of it is proven yet.
struct SignedToken: Sendable {
  let algorithm: SignatureAlgorithm
  /// What the header names the key by.
  let keyID: String?
  let claims: [String: JSONValue]
  /// What is signed: the first two parts as they came.
  let signed: [UInt8]
  let signature: [UInt8]

  /// Whether a text has the three parts of a token; anything else may be a token of another kind.
  static func hasForm(_ text: String) -> Bool {
    var dots = 0
    for byte in text.utf8 where byte == UInt8(ascii: ".") { dots &+= 1 }
    return dots == 2
  }

  /// Takes a text apart; claims may lie in one another at most `maxDepth` deep.
  init(_ text: String, maxDepth: Int) throws(TokenFault) {
    let parts = Array(text.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .malformed }
    let header = try Self.object(parts[0], maxDepth: maxDepth)
    // An extension that has to be understood, and none is (RFC 7515 section 4.1.11).
    if header["crit"] != nil { throw .malformed }
    guard let name = header["alg"]?.text, let algorithm = SignatureAlgorithm(rawValue: name) else { throw .algorithm }
    if let id = header["kid"], id.text == nil { throw .malformed }
    guard let signature = Base64.decodeURL(parts[2]), !signature.isEmpty else { throw .malformed }
    self.algorithm = algorithm
    keyID = header["kid"]?.text
    claims = try Self.object(parts[1], maxDepth: maxDepth)
    signed = Array(parts[0] + [UInt8(ascii: ".")] + parts[1])
    self.signature = signature
  }

  private static func object(_ part: ArraySlice<UInt8>, maxDepth: Int) throws(TokenFault) -> [String: JSONValue] {
    guard let text = Base64.decodeURL(part), let value = try? JSONValue(text, maxDepth: maxDepth),
      let members = value.members
    else { throw .malformed }
    return members
  }

  /// Whether a key's signature is the token's; nil if the key has to be prepared first.
  func isSigned(by key: JSONWebKey) -> Bool? {
    guard let verifier = key.verifier(of: algorithm) else { return nil }
    return (try? verifier.verify(signature, signs: signed)) ?? false
  }
}
