/// How a program is told by its user agent; the first rule that fits counts.
struct UserAgentRule: Sendable {
  /// What stands in the user agent, mostly right before the version.
  let mark: StaticString
  let name: StaticString
  /// What must stand there too.
  var also: StaticString?
  /// What the version stands behind, if that is not `mark`.
  var version: StaticString?

  private init(_ mark: StaticString, _ name: StaticString, also: StaticString? = nil, version: StaticString? = nil) {
    self.mark = mark
    self.name = name
    self.also = also
    self.version = version
  }

  static let programs: [UserAgentRule] = robots + libraries + browsers

  private static let robots: [UserAgentRule] = [
    UserAgentRule("Googlebot/", "Googlebot"), UserAgentRule("AdsBot-Google", "AdsBot-Google"),
    UserAgentRule("bingbot/", "bingbot"), UserAgentRule("YandexBot/", "YandexBot"),
    UserAgentRule("Baiduspider/", "Baiduspider"), UserAgentRule("DuckDuckBot/", "DuckDuckBot"),
    UserAgentRule("Applebot/", "Applebot"), UserAgentRule("AhrefsBot/", "AhrefsBot"),
    UserAgentRule("SemrushBot/", "SemrushBot"), UserAgentRule("MJ12bot/v", "MJ12bot"),
    UserAgentRule("PetalBot", "PetalBot"), UserAgentRule("GPTBot/", "GPTBot"), UserAgentRule("ClaudeBot/", "ClaudeBot"),
    UserAgentRule("CCBot/", "CCBot"), UserAgentRule("Amazonbot/", "Amazonbot"),
    UserAgentRule("facebookexternalhit/", "FacebookBot"), UserAgentRule("Twitterbot/", "Twitterbot"),
    UserAgentRule("LinkedInBot/", "LinkedInBot"), UserAgentRule("Slackbot", "Slackbot"),
    UserAgentRule("Yahoo! Slurp", "Yahoo! Slurp"), UserAgentRule("UptimeRobot/", "UptimeRobot"),
    UserAgentRule("Pingdom", "PingdomBot"), UserAgentRule("Site24x7", "Site24x7"),
  ]

  private static let libraries: [UserAgentRule] = [
    UserAgentRule("OTel-OTLP-Exporter-", "OTel-OTLP-Exporter", version: "/"),
    UserAgentRule("curl/", "curl"), UserAgentRule("Wget/", "Wget"),
    UserAgentRule("python-requests/", "Python Requests"), UserAgentRule("Python-urllib/", "Python-urllib"),
    UserAgentRule("python-httpx/", "python-httpx"), UserAgentRule("aiohttp/", "Python aiohttp"),
    UserAgentRule("Go-http-client/", "Go-http-client"), UserAgentRule("okhttp/", "okhttp"),
    UserAgentRule("Apache-HttpClient/", "Apache-HttpClient"), UserAgentRule("axios/", "axios"),
    UserAgentRule("node-fetch/", "node-fetch"), UserAgentRule("undici", "undici"),
    UserAgentRule("PostmanRuntime/", "PostmanRuntime"), UserAgentRule("insomnia/", "insomnia"),
    UserAgentRule("kube-probe/", "kube-probe"), UserAgentRule("Prometheus/", "Prometheus"),
    UserAgentRule("ELB-HealthChecker/", "ELB-HealthChecker"), UserAgentRule("GoogleHC/", "GoogleHC"),
    UserAgentRule("aws-sdk-go/", "aws-sdk-go"), UserAgentRule("Boto3/", "Boto3"),
    UserAgentRule("libwww-perl/", "libwww-perl"), UserAgentRule("GuzzleHttp/", "GuzzleHttp"),
    UserAgentRule("Dart/", "Dart"), UserAgentRule("reqwest/", "reqwest"), UserAgentRule("Java/", "Java"),
    UserAgentRule("Envoy/", "Envoy"),
  ]

  /// Programs that are made of another come before that.
  private static let browsers: [UserAgentRule] = [
    UserAgentRule("EdgA/", "Edge Mobile"), UserAgentRule("EdgiOS/", "Edge Mobile"), UserAgentRule("Edg/", "Edge"),
    UserAgentRule("Edge/", "Edge"), UserAgentRule("OPR/", "Opera Mobile", also: "Mobile"),
    UserAgentRule("OPR/", "Opera"), UserAgentRule("SamsungBrowser/", "Samsung Internet"),
    UserAgentRule("YaBrowser/", "Yandex Browser"), UserAgentRule("Vivaldi/", "Vivaldi"),
    UserAgentRule("UCBrowser/", "UC Browser"), UserAgentRule("Electron/", "Electron"),
    UserAgentRule("HeadlessChrome/", "HeadlessChrome"), UserAgentRule("FxiOS/", "Firefox iOS"),
    UserAgentRule("CriOS/", "Chrome Mobile iOS"), UserAgentRule("; wv)", "Chrome Mobile WebView", version: "Chrome/"),
    UserAgentRule("Chrome/", "Chrome Mobile", also: "Mobile"), UserAgentRule("Chrome/", "Chrome"),
    UserAgentRule("Firefox/", "Firefox Mobile", also: "Mobile"), UserAgentRule("Firefox/", "Firefox"),
    UserAgentRule("Mobile/", "Mobile Safari", also: "Safari/", version: "Version/"),
    UserAgentRule("Version/", "Safari", also: "Safari/"), UserAgentRule("Opera/", "Opera"),
    UserAgentRule("MSIE ", "IE"), UserAgentRule("Trident/", "IE", version: "rv:"),
    UserAgentRule("AppleWebKit/", "AppleWebKit"),
  ]

  /// Systems that say no version.
  static let systems: [(StaticString, StaticString)] = [
    ("Ubuntu", "Ubuntu"), ("Fedora", "Fedora"), ("Debian", "Debian"), ("FreeBSD", "FreeBSD"), ("OpenBSD", "OpenBSD"),
    ("Linux", "Linux"), ("Windows", "Windows"), ("Darwin", "Mac OS X"),
  ]

  /// Versions of Windows NT and what they were sold as.
  static let windows: [(StaticString, StaticString)] = [
    ("10.0", "10"), ("6.3", "8.1"), ("6.2", "8"), ("6.1", "7"), ("6.0", "Vista"), ("5.2", "XP"), ("5.1", "XP"),
  ]
}
