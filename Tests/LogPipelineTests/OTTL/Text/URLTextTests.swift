import Foundation
import Testing

@testable import LogPipeline

@Suite struct URLTextTests {
  private func shown(_ text: String) -> String? {
    ShownFields.of(text) { URLText.read($0, into: &$1) }
      .map {
        $0.replacingOccurrences(of: "url.original: \(text), ", with: "").replacingOccurrences(of: "url.", with: "")
      }
  }

  @Test(arguments: [
    ("http://example.com", "{domain: example.com, scheme: http, path: }"),
    (
      "HTTPS://user:p%40ss@example.com:8443/a%20b/c.tar.gz?x=1&y=2#top",
      "{user_info: user:p%40ss, username: user, password: p@ss, domain: example.com, port: 8443, scheme: https, "
        + "path: /a b/c.tar.gz, extension: gz, fragment: top, query: x=1&y=2}"
    ),
    ("http://[::1]:80/", "{domain: ::1, port: 80, scheme: http, path: /}"),
    ("/a/b?c", "{domain: , scheme: , path: /a/b, query: c}"), ("a/b", "{domain: , scheme: , path: a/b}"),
    ("mailto:a@example.com", "{domain: , scheme: mailto, path: }"),
    ("//example.com/x.", "{domain: example.com, scheme: , path: /x.}"),
    ("http://user@host", "{user_info: user, username: user, domain: host, scheme: http, path: }"),
    ("http://host:/x", "{domain: host, scheme: http, path: /x}"),
    ("file:///etc/x", "{domain: , scheme: file, path: /etc/x}"),
    ("http://h?#", "{domain: h, scheme: http, path: }"),
  ])
  func partsAreFound(_ text: String, _ expected: String) {
    #expect(shown(text) == expected)
  }

  @Test(arguments: [
    "", ":x", "http://h:8x/", "http://[::1", "a:b/c d\u{1}", "1:2/x", "http://h/%zz", "http://h/%2",
    "http://h:99999999999999999999/",
  ])
  func whatIsNoURLIsRefused(_ text: String) {
    #expect(shown(text) == nil)
  }
}
