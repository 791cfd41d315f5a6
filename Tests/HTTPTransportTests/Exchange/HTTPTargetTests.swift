import Testing

@testable import HTTPTransport

@Suite struct HTTPTargetTests {
  @Test(arguments: [
    ("/v1/logs", "/v1/logs", ""),
    ("/v1/logs?a=b?c", "/v1/logs", "a=b?c"),
    ("/?", "/", ""),
    ("*", "*", ""),
    ("", "", ""),
    ("http://host:1/v1/logs?x", "/v1/logs", "x"),
    ("HTTPS://host/a", "/a", ""),
    ("http://host", "/", ""),
    ("http://host?q", "/", "q"),
    ("http://", "/", ""),
  ])
  func splits(_ target: String, _ path: String, _ query: String) {
    #expect(HTTPTarget.split(target) == (path, query))
  }
}
