import HTTPTransport
import Testing

@testable import OTLPReceiver

@Suite struct AskedTests {
  @Test func theQueryIsLeftOutAndWhatIsLongIsCut() {
    let path = "/" + String(repeating: "a", count: 200)
    let head = HTTPRequestHead(method: String(repeating: "M", count: 17), path: path, query: "token=secret")
    #expect("\(Asked(head))" == String(repeating: "M", count: 16) + "… " + path.prefix(128) + "…")
    let longest = HTTPRequestHead(method: String(repeating: "M", count: 16), path: String(path.prefix(128)))
    #expect("\(Asked(longest))" == "\(longest.method) \(longest.path)")
  }

  @Test func nothingDrivesATerminal() {
    let head = HTTPRequestHead(
      method: "G\u{7}T", path: "/\u{1B}[31m\u{202E}\n", headers: ["user-agent": "a\u{9B}b"], remoteAddress: "[::1]:5")
    #expect("\(Asked(head))" == "G\\u{7}T /\\u{1b}[31m\\u{202e}\\u{a}")
    #expect(Asker(head).userAgent == "a\\u{9b}b")
    #expect(Asker(head).peer == "[::1]:5")
  }

  @Test func theUserAgentIsCutAndMayBeAbsent() {
    let long = HTTPRequestHead(method: "GET", path: "/", headers: ["user-agent": String(repeating: "u", count: 129)])
    #expect(Asker(long).userAgent == String(repeating: "u", count: 128) + "…")
    #expect(Asker(HTTPRequestHead(method: "GET", path: "/")).userAgent == nil)
  }
}
