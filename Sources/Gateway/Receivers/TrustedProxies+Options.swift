import HTTPTransport
import Options

extension TrustedProxies {
  /// Reads which proxies a port takes at their word for where senders are.
  init(_ options: ConfigReader) {
    self.init()
    protocolHeaders = options.proxies(
      "proxy_protocol",
      "Proxies that begin each connection with a PROXY header of version 1 or 2; not in the Collector.")
    forwardedFor = options.proxies(
      "forwarded_for", "Proxies that name the sender in x-forwarded-for; not in the Collector.")
  }
}

extension ConfigReader {
  fileprivate func proxies(_ key: String, _ doc: String) -> [IPNetwork] {
    optionalSection(key, doc) { section in
      let networks = section.list(
        "trusted", of: .network, "Their addresses, as 10.0.0.0/8 or 2001:db8::1; nobody else is believed.")
      section.requireOne(of: "trusted")
      return networks
    } ?? []
  }
}

extension OptionType where Value == IPNetwork {
  /// Addresses in CIDR notation.
  fileprivate static var network: OptionType {
    OptionType(
      name: "network", placeholder: .nobody,
      parse: { (text) throws(OptionMismatch) in
        guard let network = IPNetwork(text) else {
          throw OptionMismatch("an IP address, or a network such as 10.0.0.0/8 with no bits set past its prefix")
        }
        return network
      }, show: { .text($0.text) })
  }
}
