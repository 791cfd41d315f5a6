import HTTPTransport
import Testing

@testable import OTLPReceiver

@Suite struct CORSTests {
  private func fixture(_ origins: [String], _ change: (inout CORSOptions) -> Void = { _ in }) -> Fixture {
    var options = OTLPServiceOptions()
    options.cors.allowedOrigins = origins
    change(&options.cors)
    return Fixture(options)
  }

  private func preflight(_ fixture: Fixture, _ origin: String, method: String = "POST") -> Answer {
    fixture.post(
      type: nil, headers: [("origin", origin), ("access-control-request-method", method)], method: "OPTIONS")
  }

  private func allowed(_ answer: Answer) -> String? { answer.headers.first(name: "access-control-allow-origin") }

  @Test func withoutItThereAreNoPermissions() {
    let answer = preflight(Fixture(), "https://a.example")
    #expect(answer.status == 405)
    #expect(!answer.headers.contains { $0.name.hasPrefix("access-control") || $0.name == "vary" })
    let post = Fixture().post(exportRequest(), headers: [("origin", "https://a.example")])
    #expect(post.status == 200 && allowed(post) == nil)
  }

  @Test func aPreflightTellsWhatIsAllowed() {
    let fixture = fixture(["https://a.example"]) { cors in
      cors.allowedHeaders = ["x-tenant"]
      cors.exposedHeaders = ["retry-after"]
      cors.maxAgeSeconds = 7200
    }
    let answer = preflight(fixture, "https://a.example")
    #expect(answer.status == 200)
    #expect(allowed(answer) == "https://a.example")
    #expect(answer.headers.first(name: "access-control-allow-credentials") == "true")
    #expect(answer.headers.first(name: "access-control-allow-methods") == "POST")
    #expect(answer.headers.first(name: "access-control-allow-headers") == "content-type, content-encoding, x-tenant")
    #expect(answer.headers.first(name: "access-control-max-age") == "7200")
    #expect(answer.headers["vary"].contains("Origin"))
  }

  @Test func otherOriginsAndMethodsGetNoPermission() {
    let fixture = fixture(["https://a.example"])
    #expect(allowed(preflight(fixture, "https://b.example")) == nil)
    #expect(!preflight(fixture, "https://b.example").headers.contains(name: "access-control-allow-methods"))
    #expect(
      !preflight(fixture, "https://a.example", method: "PUT").headers.contains(name: "access-control-allow-methods"))
  }

  @Test func answersSayWhoMayReadThem() {
    let fixture = fixture(["https://a.example"]) { $0.exposedHeaders = ["retry-after"] }
    let origin = [("origin", "https://a.example")]
    for answer in [fixture.post(exportRequest(), headers: origin), fixture.post([0xFF], headers: origin)] {
      #expect(allowed(answer) == "https://a.example")
      #expect(answer.headers.first(name: "access-control-expose-headers") == "retry-after")
    }
    let foreign = fixture.post(exportRequest(), headers: [("origin", "https://b.example")])
    #expect(foreign.status == 200 && allowed(foreign) == nil)
  }

  @Test func everyOriginMeansNoCredentials() {
    let answer = preflight(fixture(["*"]), "https://any.example")
    #expect(allowed(answer) == "*")
    #expect(!answer.headers.contains(name: "access-control-allow-credentials"))
  }

  @Test(arguments: [
    ("https://*.example", "https://a.example", true), ("https://*.example", "https://a.b.example", true),
    ("https://*.example", "https://.example", true), ("https://*.example", "https://example", false),
    ("https://*.example", "https://a.example.evil", false), ("https://A.example", "HTTPS://a.EXAMPLE", true),
    ("ab*ba", "aba", false), ("", "https://a.example", false),
  ])
  func oneStarStandsForAnyText(pattern: String, origin: String, isAllowed: Bool) {
    #expect((allowed(preflight(fixture([pattern]), origin)) != nil) == isAllowed)
  }
}
