import LogExport
import Options

extension OptionType where Value == Secret {
  /// The address of a proxy, perhaps with a user and a password, which are not shown.
  static var proxyURL: OptionType {
    OptionType(
      name: "URL", placeholder: Secret(""),
      parse: { (text) throws(OptionMismatch) in
        let hasAt = text.utf8.contains(UInt8(ascii: "@"))
        let expected = "the http:// address of a proxy"
        guard text.contains("://"), (try? ProxySettings(proxy: text)) != nil else {
          throw OptionMismatch(expected, hidesText: hasAt)
        }
        return Secret(text)
      },
      show: { proxy in
        let text = proxy.reveal()
        guard let at = text.lastIndex(of: "@") else { return .text(text) }
        return .text("http://\(Secret.redacted)\(text[at...])")
      })
  }
}

extension ConfigReader {
  /// The proxies that connections go through: the one that is given, or those of the environment.
  func proxies(given proxy: Secret?) -> ProxySettings {
    do throws(SenderConfigurationError) {
      if let proxy { return try ProxySettings(proxy: proxy.reveal()) }
      return try ProxySettings.ofProcess()
    } catch {
      report.error(at: place, path: path, "the environment: \(error)")
      return .none
    }
  }
}
