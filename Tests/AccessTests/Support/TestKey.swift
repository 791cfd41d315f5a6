import Foundation
import JWTKit

@testable import Access

/// A key pair of a made-up issuer.
struct TestKey: Sendable {
  let id: String
  let algorithm: SignatureAlgorithm
  /// The members of the public key as a key set has them, but for `kid` and `alg`.
  let material: String
  private let signer: any JWTAlgorithm

  /// A new key pair; those of RSA are always one of two.
  init(_ algorithm: SignatureAlgorithm, id: String = "one", otherRSA: Bool = false) async throws {
    let keys = JWTKeyCollection()
    switch algorithm {
    case .es256:
      let key = ES256PrivateKey()
      material = try Self.curve("P-256", key.parameters)
      await keys.add(ecdsa: key)
    case .es384:
      let key = ES384PrivateKey()
      material = try Self.curve("P-384", key.parameters)
      await keys.add(ecdsa: key)
    case .es512:
      let key = ES512PrivateKey()
      material = try Self.curve("P-521", key.parameters)
      await keys.add(ecdsa: key)
    case .edDSA:
      let key = try EdDSA.PrivateKey()
      let x = Self.base64URL(key.publicKey.rawRepresentation)
      material = #""kty":"OKP","crv":"Ed25519","x":"\#(x)""#
      await keys.add(eddsa: key)
    default:
      let key = try Insecure.RSA.PrivateKey(pem: otherRSA ? Self.otherPEM : Self.pem)
      let (modulus, exponent) = try key.publicKey.getKeyPrimitives()
      material = #""kty":"RSA","n":"\#(Self.base64URL(modulus))","e":"\#(Self.base64URL(exponent))""#
      let digests: [Character: DigestAlgorithm] = ["2": .sha256, "3": .sha384, "5": .sha512]
      let digest = digests[Array(algorithm.rawValue)[2]] ?? .sha256
      if algorithm.rawValue.hasPrefix("PS") {
        await keys.add(pss: key, digestAlgorithm: digest)
      } else {
        await keys.add(rsa: key, digestAlgorithm: digest)
      }
    }
    signer = try await keys.getKey()
    self.id = id
    self.algorithm = algorithm
  }

  /// The public key as a key set has it.
  var jwk: String { #"{"kid":"\#(id)","alg":"\#(algorithm.rawValue)","use":"sig",\#(material)}"# }

  /// A token of these claims; its header names the key and the algorithm unless it is given.
  func token(_ claims: String, header: String? = nil) throws -> String {
    let header = header ?? #"{"alg":"\#(algorithm.rawValue)","kid":"\#(id)"}"#
    let signed = "\(Self.base64URL(Data(header.utf8))).\(Self.base64URL(Data(claims.utf8)))"
    return "\(signed).\(Self.base64URL(Data(try signer.sign(Array(signed.utf8)))))"
  }

  static func set(_ keys: [TestKey]) -> String { #"{"keys":[\#(keys.map(\.jwk).joined(separator: ","))]}"# }

  static func base64URL(_ bytes: Data) -> String {
    bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  private static func curve(_ name: String, _ point: ECDSAParameters?) throws -> String {
    struct NoPoint: Error {}
    guard let point, let x = Data(base64Encoded: point.x), let y = Data(base64Encoded: point.y) else { throw NoPoint() }
    return #""kty":"EC","crv":"\#(name)","x":"\#(base64URL(x))","y":"\#(base64URL(y))""#
  }

  private static let pem = """
    -----BEGIN PRIVATE KEY-----
    MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDTwVy4fEtobb5a
    OgoN1IO4jFDClzbJS7WZ+8EexzQqp45Bc1U81gEniM8aAVU1GXeu3iYJv+CogtSO
    WMf4rrWI5TdIfzNFEAeqV9WafpUfvAZKit99Y1+EdCNmIBtwkV0EXdXcagBRV+jt
    aybrWw0D60jAIY6eCb1iYHcbo5nrjDMQ/mroQxzHoP4fQ7bCX/Ps4pwXy81tTdLj
    rd0mXIcJbG1sGwhU9WfDEqkUy4nxd6L7PvniuQOPLVlP/mqrW4sUROz+6WCuTOnG
    Fd5kByOB5vpCSz5OTcCKnVudbnqJfAxOEHfU6/5/xMj2sfg1YXGswkeHg8TgMXhk
    uK3J52BrAgMBAAECggEAVbejMebWm5o5AMsXwMty2qSqGGsfuVJVW9TGMxBONKoI
    8sOeEHdMllVSCGPbuxfpE7dHTJEIfw4evtR/dlI6mAS5YTZkaaN4huLxS43MDcGO
    BmS63UX5p2Nf5PpAQUwGjDrz1DpwkHz2hAzo/0KnPRvkIiozUhP9PrJv5JdQOkGU
    7j8FGKg7M3bvpQ4MDIOeprpTcSNCxQ04Bt9p1cnN3w/TfZmG8ETzVWPJka/lt3fU
    Q9ho2oWxMM63+iWICIHvO7AFlh7szUxS8+9YXAHxSukZoNf++W8FZ/is9cMkYq61
    rQqeC8OsAbQZYbeB5NDRV6s9eVF2YmacIqEudA2zwQKBgQDtPLIRKor33AdsNBBD
    Mqih2w4SbynBMwsc7oN50UdZCyKn5F/kZIvLGZUtQBDaVm3kPkMusfgx87PGO+Wp
    oPqCmWeR8w1/d8LxoxFJ5VL7Ue7cUbg6GWw6RjrcudnAv6bR3yTtNuxzbE2pgNs0
    4nQ1ZqWm23oYClyZ6ABbWhKESwKBgQDkgL2vMX6h9zAgGWhDjFKTLHHT/xatJRlB
    IF+KwnKVYfu847aA1wFyLieZygD4qS3vONeUstZNUqOSlnEHYyhcvHO3abo2V3GP
    /lOPm9VoSGsFkxI42hEKrpcAQA3ePMpPlBQlpb/vEs7gpEtRNjO032JHVCDqLjRg
    uAPcKCHAYQKBgQCLbXGl/x/fnlRKdqrcI4jSX4D8upKKtqogXdmtnZ7WKWI71E+7
    VpCGVEnFZ3LAL620SBeJ+RTKntUYe5l1wWOZn/kr4PIc6VEMXO9LQ9kqVbQRjoG8
    u7ZM5XuwwBXHX5v2mrQEKpR7HbrjFRVAFpt/yw0ubK1sNaLI3X5gMibR0wKBgQC+
    TpKsNHaZAjwsn7x8dYPYWy26ODt0nO85lHK+KFAyJdb5bFV1XJwxskr9BIZmktBU
    6mxxxbhB0c+1qGIemvDku3dMjFuwIofMOy7w7gKAxb+Mdv64JrYGxX2xkad7Lfn4
    6QUWjcMao/l0kqC/1Hqf62P4sBJxt2WcH+XnF+10QQKBgB6VI/N4Hk+ceKxk6FYS
    gO+jK5ipWvqOqWuos4VXwm22R8KztCnhmi7Jo6wi3w7PN3ElGecH1HyydC4d0uOw
    F3qBNMr2T+itM36Uxmq9RZ3TLRx/E4QjKlBy2ou5PuVWK0KfFD68SwO+C6OYLACM
    2fOiNV3pUijFjf2xaTuF/6JR
    -----END PRIVATE KEY-----
    """

  private static let otherPEM = """
    -----BEGIN PRIVATE KEY-----
    MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCXcBPZhFHnmvv1
    QEEwO8DRgubMnyRhMroCaWJ2cvs/tOtyZOqjLS2GC4uuS7u+eIzEJDInF1X47UdH
    nG8mzGfvGbR7JtnYlY1X+KEMLODdVCP1gH8d4YMYgRW2ryqiiBKi+xONSjDxqeGR
    Q1DUcrzHkzg9LgAszTyxvsE9WOyNtRfmhM+9r1D78M/6mtS6oPdSs0D4z+w/klvF
    q4eHxKn+pwUunSX/3lm8cG7DQSJvmskMTBqvIqSrM/xJC5WgZmSRZnczTH+mfnNx
    ssEzynQOJkHijUxVBDMOyfstr8kJ7a3/bKZBJ7HgGdcIBZWh23680QqeSoF9EaSt
    vdFh75NVAgMBAAECggEACpm2Uf4Qq6kuJOM8DO/J1gCXPlCPf9xIp/2PfmIbE0EL
    UCUfRY/WhXEOdINpn3IZzGsKNbFM+9FEMY+SOkGJrvN6Ljqwehgx3iwRvePwU53d
    rIQzobhU8GSsy+5kCh+DSnRP0I6WcXwmRYBUSqLDcybrg2DSc1BkhL6pES3F1T9x
    0AzYxQeV5sYDUIIiucCjI52su+Onx9SIf2Si4J6w8WL0H1D3OuB6OlbK+oKM1z7W
    TOieiVEwlU6+tDoW/WAT3w2wcKPxVpWmdFhrbzQ2umgXhRs+oS0usdaQZjv93SuB
    DaCWFD3GblqD6Uj5YQeMVDi72sROnTCGoa0CJhiCKwKBgQDRfkD5aAeIfyu/I7Lk
    NtkL3Y9N0FG+/wWXNBbyTLbeap88eJA+4Rzy+KBXwvCexsm/Qt0YUYjNNozuHU7D
    P45dapRiA9Cu6tBIrrvAvw2LNMoqTcCQ5gxnUChdGJ0uszBYZUTq+EF3tehFeJ9m
    EXW2rWx8LGYu+EDHmW19JNEYFwKBgQC5Dne+rkCFpGxVMq2ciUkHJmlgzyEWJnGv
    SJwEhGBTWDbo7DsiOaQuqhYM0/oN+wiWnzj3YDYKxHYrqiwxsXLeqJ3vOHJbmXIC
    Ivt6dtKCahjTIHZAQD4kzm/wWS/zQNDouLpYNvdu3UVkXsXEwV6XN3v9YgG1rrBX
    Bv8sFQPncwKBgQCaJdtraYe5gVHQSFVWpaEZoQLUUAgGkSIs+zAzRA1/JVdcKJ6D
    FiO2CQn66b8iJcXHjUygm0YdMhmLEFenRXnc9RKP+JyySKfQA3q1vh8aIlLrw+CA
    /jV8Q7gfoH/wH/vf30xR1TBfBKQPkk0/znMeYwejawwZXaRU+mldHx0YKwKBgANM
    TrYHRP8cvxGFpbJ0f+iwtpATIPPUG5KUKLOr6EuT9uaPzz386QAr59iyrnIxVyXY
    EJvYCx6GAdUlY0Q/dVyihK4Ow3r+cRm4peK422eXnHmmynS6sGDXjQcrj782GIMN
    R8Tqtd4z81iml7+58oWfZ4ZMiNtEEcB7T3DprvghAoGBALbPPsHNk+861d/Sh2L8
    YRiCqLDEo8n7rCcnxeg+P2NvXvpQyGUBgIEgRXCO+ugUAasAwaBeMpKrpIOQGiXs
    blz7uI/biTpEYy+nXukFLtrShC6nMcB7FErl5PQOfPl+KrZ2Cvt6bVYtFbS6on3V
    vxeKGXw+dQpMF8zfQR/Tv/3B
    -----END PRIVATE KEY-----
    """
}
