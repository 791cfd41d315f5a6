package import Access
package import Options

/// How a listener does TLS: the Collector's `tls` section of a receiver.
package struct TLSServerOptions: Sendable, Hashable {
  /// Which clients have to show a certificate, if authorities of clients are named.
  package enum ClientAuthentication: String, Sendable, CaseIterable {
    case require
    case verifyIfGiven = "verify_if_given"
  }

  /// The certificate and key of the listener, and the authorities of its clients.
  package var material = TLSMaterial()
  /// Without authorities no client is asked for a certificate.
  package var clientAuthentication: ClientAuthentication
  package var settings: TLSSettings

  /// Reads the section.
  package init(_ options: ConfigReader) {
    material.chain = options.pem("cert", "The certificate chain")
    options.requireOne(of: "cert_file", "cert_pem")
    material.key = options.pem("key", "The private key")
    options.requireOne(of: "key_file", "key_pem")
    material.authorities = options.pem("client_ca", "The authorities of client certificates")
    let authentication = options.optional(
      "client_auth", .choice(ClientAuthentication.require),
      "With client_ca_file: require, as without this, refuses clients without a certificate of these authorities, "
        + "verify_if_given those with another one; not in the Collector.")
    clientAuthentication = authentication ?? .require
    _ = options.read(
      "client_ca_file_reload", .bool, default: false,
      "Of no effect: files are looked at once a second, whatever it says.")
    settings = TLSSettings(options, defaultSuites: TLSCipherSuite.secure)
    options.ignored(
      "ca_file", "ca_pem", "include_system_ca_certs_pool", because: "a server checks clients with client_ca_file")
    if material.authorities == nil, authentication != nil {
      options.error(at: "client_auth", "is of no use without client_ca_file or client_ca_pem")
    }
    let check = TLSCheck(options)
    check.checkPair(material)
    check.checkAuthorities("client_ca", material.authorities)
  }
}
