import NIOSSL

/// A certificate for `localhost`, signed by itself and valid until 2120, and one that has expired; for tests only.
enum TestTLS {
  /// What a server's connections use.
  static func server(
    _ change: (inout TLSConfiguration) throws -> Void = { _ in }
  ) throws -> @Sendable () -> NIOSSLContext {
    let certificate = try NIOSSLCertificate(bytes: Array(certificatePEM.utf8), format: .pem)
    let key = try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
    configuration.applicationProtocols = ["h2", "http/1.1"]
    try change(&configuration)
    let context = try NIOSSLContext(configuration: configuration)
    return { context }
  }

  /// Has clients present a certificate of one of these authorities.
  static func askClients(_ configuration: inout TLSConfiguration, authorities: [String]) throws {
    configuration.trustRoots = .certificates(
      try authorities.map { try NIOSSLCertificate(bytes: Array($0.utf8), format: .pem) })
    configuration.certificateVerification = .noHostnameVerification
  }

  static func client(
    protocols: [String] = ["h2"], trusts: Bool = true, _ change: (inout TLSConfiguration) throws -> Void = { _ in }
  ) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.applicationProtocols = protocols
    let certificate = try NIOSSLCertificate(bytes: Array(certificatePEM.utf8), format: .pem)
    if trusts { configuration.trustRoots = .certificates([certificate]) }
    try change(&configuration)
    return try NIOSSLContext(configuration: configuration)
  }

  /// Has a client present a certificate.
  static func present(_ certificate: String, _ key: String, _ configuration: inout TLSConfiguration) throws {
    let chain = try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem)
    configuration.certificateChain = [.certificate(chain)]
    configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
  }

  static let expiredKeyPEM = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiRuFl6mvzZHmtA4A
    7gNTwDK3OczkXEX4cwRcjm3cq/ihRANCAASU1OgvyvH4ylgYpkH2KUiTPGIiyEZV
    7ZIyof/ABnVv1ui6/lLeCVBR5H8wq6IGLCN1QSZj4CJ0V57lL3mAAVPI
    -----END PRIVATE KEY-----
    """

  static let expiredPEM = """
    -----BEGIN CERTIFICATE-----
    MIIBeDCCAR+gAwIBAgIUNKneQfUJvIqUeyJ9APwl0pXdeAIwCgYIKoZIzj0EAwIw
    EjEQMA4GA1UEAwwHZXhwaXJlZDAeFw0yMDAxMDEwMDAwMDBaFw0yMDAxMDIwMDAw
    MDBaMBIxEDAOBgNVBAMMB2V4cGlyZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
    AASU1OgvyvH4ylgYpkH2KUiTPGIiyEZV7ZIyof/ABnVv1ui6/lLeCVBR5H8wq6IG
    LCN1QSZj4CJ0V57lL3mAAVPIo1MwUTAdBgNVHQ4EFgQUl9ZW1Clz/6apvzlmiLgP
    4Noog+QwHwYDVR0jBBgwFoAUl9ZW1Clz/6apvzlmiLgP4Noog+QwDwYDVR0TAQH/
    BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBd7pafQhDTpz1DGsWwGeVv2YBtJ/3S
    2ispoMDFTImMEAIgM481F6fTD4Wid5LgVfRWrnUtmZDugmP9BvtxRlLD1Ho=
    -----END CERTIFICATE-----
    """

  static let keyPEM = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4ug9LmmwHLebujjL
    dY/dd2EjqB6I08/ydQi0KdIqDlihRANCAATo1OjDH0b8R3q6rhZ5F5NAhX+OBG97
    H7YICIsTtsI9QFMh2Pswk6CSYU+5aR6GGreo5lUeTdgyknkUcYweSXSx
    -----END PRIVATE KEY-----
    """

  static let certificatePEM = """
    -----BEGIN CERTIFICATE-----
    MIIBYjCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
    c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
    CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOjU6MMfRvxHerqu
    FnkXk0CFf44Eb3sftggIixO2wj1AUyHY+zCToJJhT7lpHoYat6jmVR5N2DKSeRRx
    jB5JdLGjSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
    MB0GA1UdDgQWBBSUuLWawa5nQcmt070tgk86QeB6XjAKBggqhkjOPQQDAgNJADBG
    AiEAyVKan9jjt404owmGgJtJ29x55NCVdXIn4rtnoQKZ/hsCIQDUVTfXPWoL0BxZ
    ZLrivMZNE5eWKB+8AvEhzgUD5HlWfA==
    -----END CERTIFICATE-----
    """
}
