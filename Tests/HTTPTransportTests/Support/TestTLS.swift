import NIOSSL

/// A certificate for `localhost`, signed by itself and valid until 2120; for tests only.
enum TestTLS {
  static func server() throws -> NIOSSLContext {
    let certificate = try NIOSSLCertificate(bytes: Array(certificatePEM.utf8), format: .pem)
    let key = try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
    configuration.applicationProtocols = ["h2", "http/1.1"]
    return try NIOSSLContext(configuration: configuration)
  }

  static func client(protocols: [String] = ["h2"], trusts: Bool = true) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.applicationProtocols = protocols
    let certificate = try NIOSSLCertificate(bytes: Array(certificatePEM.utf8), format: .pem)
    if trusts { configuration.trustRoots = .certificates([certificate]) }
    return try NIOSSLContext(configuration: configuration)
  }

  private static let keyPEM = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4ug9LmmwHLebujjL
    dY/dd2EjqB6I08/ydQi0KdIqDlihRANCAATo1OjDH0b8R3q6rhZ5F5NAhX+OBG97
    H7YICIsTtsI9QFMh2Pswk6CSYU+5aR6GGreo5lUeTdgyknkUcYweSXSx
    -----END PRIVATE KEY-----
    """

  private static let certificatePEM = """
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
