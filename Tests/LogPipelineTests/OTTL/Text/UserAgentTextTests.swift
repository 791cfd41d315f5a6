import Testing

@testable import LogPipeline

@Suite struct UserAgentTextTests {
  private func shown(_ text: String) -> String? {
    ShownFields.of(text) {
      UserAgentText.read($0, into: &$1)
      return true
    }
  }

  @Test(arguments: [
    (
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 Safari/537.36",
      "Chrome", "120.0.6099", "Windows", "10"
    ),
    (
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.61",
      "Edge", "120.0.2210", "Windows", "10"
    ),
    (
      "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0", "Firefox", "121.0", "Ubuntu", ""
    ),
    (
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1.2 Mobile/15E148 Safari/604.1",
      "Mobile Safari", "17.1.2", "iOS", "17.1.2"
    ),
    (
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15",
      "Safari", "17.2", "Mac OS X", "10.15.7"
    ),
    (
      "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36",
      "Chrome Mobile", "119.0.0", "Android", "14"
    ),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot", "2.1", "Other", ""),
    ("curl/8.5.0", "curl", "8.5.0", "Other", ""), ("Go-http-client/1.1", "Go-http-client", "1.1", "Other", ""),
    ("python-requests/2.31.0", "Python Requests", "2.31.0", "Other", ""),
    ("OTel-OTLP-Exporter-Java/1.32.0", "OTel-OTLP-Exporter", "1.32.0", "Other", ""),
    ("kube-probe/1.28", "kube-probe", "1.28", "Other", ""),
    ("something else", "Other", "", "Other", ""), ("", "Other", "", "Other", ""),
  ])
  func programsAreTold(_ text: String, _ name: String, _ version: String, _ system: String, _ systemVersion: String) {
    let version = "{user_agent.original: \(text), user_agent.name: \(name), user_agent.version: \(version)"
    // A version that is not known is left out.
    let ofSystem = systemVersion.isEmpty ? "" : ", os.version: \(systemVersion)"
    #expect(shown(text) == "\(version), os.name: \(system)\(ofSystem)}")
  }
}
