import JWTKit
import Synchronization

/// A public key of an issuer (RFC 7517), by which it is known whether a signature is the issuer's.
final class JSONWebKey: Sendable {
  /// What tokens name it by (`kid`).
  let id: String?
  /// What the header of a token may name as its algorithm.
  let algorithms: Set<SignatureAlgorithm>
  private let material: Material
  /// What it was read from, by which it is the same as another.
  private let parts: [String]
  /// What checks signatures, once it has been made for an algorithm.
  private let verifiers = Mutex<[SignatureAlgorithm: any JWTAlgorithm]>([:])

  /// The key itself.
  private enum Material: Sendable {
    case rsa(Insecure.RSA.PublicKey)
    case p256(ES256PublicKey)
    case p384(ES384PublicKey)
    case p521(ES512PublicKey)
    case ed25519(EdDSA.PublicKey)
  }

  /// The longest modulus of RSA, in bytes; what is shorter than 2048 bits is refused too.
  static let maxModulusBytes = 1024
  /// The longest exponent of RSA: a long one makes a check dear.
  static let maxExponentBytes = 4

  /// Reads a key; nil for one that is for something else, such as encryption, or of a kind that is not known, which RFC
  /// 7517 section 5 wants passed over.
  init?(_ value: JSONValue) throws(KeyProblem) {
    guard let type = value["kty"]?.text else { throw KeyProblem("has no kty") }
    if let use = value["use"]?.text, use != "sig" { return nil }
    if let operations = value["key_ops"]?.items, !operations.contains(.string("verify")) { return nil }
    guard let (material, able) = try Self.material(type, value) else { return nil }
    var algorithms = able
    if let named = value["alg"] {
      guard let one = named.text.flatMap({ SignatureAlgorithm(rawValue: $0) }) else { return nil }
      guard able.contains(one) else { throw KeyProblem("has an alg that does not go with its kty") }
      algorithms = [one]
    }
    id = value["kid"]?.text
    self.material = material
    self.algorithms = algorithms
    parts = ["kid", "kty", "alg", "crv", "n", "e", "x", "y"].map { value[$0]?.text ?? "" }
  }

  private static func material(
    _ type: String, _ value: JSONValue
  ) throws(KeyProblem) -> (Material, Set<SignatureAlgorithm>)? {
    switch (type, value["crv"]?.text) {
    case ("RSA", _): return (.rsa(try rsa(value)), SignatureAlgorithm.rsa)
    case ("EC", "P-256"): return (.p256(try made { try ES256PublicKey(parameters: point(value)) }), [.es256])
    case ("EC", "P-384"): return (.p384(try made { try ES384PublicKey(parameters: point(value)) }), [.es384])
    case ("EC", "P-521"): return (.p521(try made { try ES512PublicKey(parameters: point(value)) }), [.es512])
    case ("OKP", "Ed25519"):
      return (.ed25519(try made { try EdDSA.PublicKey(x: member("x", of: value), curve: .ed25519) }), [.edDSA])
    default: return nil
    }
  }

  private static func point(_ value: JSONValue) throws(KeyProblem) -> ECDSAParameters {
    (x: try member("x", of: value), y: try member("y", of: value))
  }

  private static func rsa(_ value: JSONValue) throws(KeyProblem) -> Insecure.RSA.PublicKey {
    let (modulus, exponent) = (try member("n", of: value), try member("e", of: value))
    try check(modulus, "n", maxBytes: maxModulusBytes)
    try check(exponent, "e", maxBytes: maxExponentBytes)
    return try made { try Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent) }
  }

  private static func check(_ text: String, _ name: String, maxBytes: Int) throws(KeyProblem) {
    let count = Base64.decodeURL(text.utf8)?.count ?? 0
    guard count <= maxBytes else {
      throw KeyProblem("has a member \(name) of \(count) bytes: the limit is \(maxBytes) bytes")
    }
  }

  /// A member that has to be text of base64 for URLs.
  private static func member(_ name: String, of value: JSONValue) throws(KeyProblem) -> String {
    guard let text = value[name]?.text, !text.isEmpty else { throw KeyProblem("has no member \(name)") }
    guard Base64.decodeURL(text.utf8) != nil else { throw KeyProblem("has a member \(name) that is no base64url") }
    return text
  }

  /// What the library makes of a key's members; it says that they are no key without telling what is wrong.
  private static func made<Key>(_ make: () throws -> Key) throws(KeyProblem) -> Key {
    do {
      return try make()
    } catch let problem as KeyProblem {
      throw problem
    } catch {
      throw KeyProblem("is no key that can be used (RSA needs 2048 bits, points have to be on their curve)")
    }
  }

  /// Whether it is the same key under the same name.
  func isSame(as other: JSONWebKey) -> Bool { self === other || parts == other.parts }

  /// What checks signatures of an algorithm; nil until it has been prepared.
  func verifier(of algorithm: SignatureAlgorithm) -> (any JWTAlgorithm)? { verifiers.withLock { $0[algorithm] } }

  /// Makes what checks signatures of an algorithm, which the library does on an actor of its own. False if the key is
  /// for other algorithms.
  func prepare(for algorithm: SignatureAlgorithm) async -> Bool {
    guard algorithms.contains(algorithm), let made = try? await verifier(for: algorithm) else { return false }
    verifiers.withLock { $0[algorithm] = made }
    return true
  }

  private func verifier(for algorithm: SignatureAlgorithm) async throws -> any JWTAlgorithm {
    let keys = JWTKeyCollection()
    switch material {
    case .rsa(let key):
      let digest = Self.digest(of: algorithm)
      if algorithm.rawValue.hasPrefix("PS") {
        await keys.add(pss: key, digestAlgorithm: digest)
      } else {
        await keys.add(rsa: key, digestAlgorithm: digest)
      }
    case .p256(let key): await keys.add(ecdsa: key)
    case .p384(let key): await keys.add(ecdsa: key)
    case .p521(let key): await keys.add(ecdsa: key)
    case .ed25519(let key): await keys.add(eddsa: key)
    }
    return try await keys.getKey()
  }

  private static func digest(of algorithm: SignatureAlgorithm) -> DigestAlgorithm {
    switch algorithm {
    case .rs256, .ps256, .es256, .edDSA: .sha256
    case .rs384, .ps384, .es384: .sha384
    case .rs512, .ps512, .es512: .sha512
    }
  }
}

/// Why keys cannot be used, without quoting them.
package struct KeyProblem: Error, Sendable, Equatable {
  package let reason: String

  init(_ reason: String) { self.reason = reason }
}
