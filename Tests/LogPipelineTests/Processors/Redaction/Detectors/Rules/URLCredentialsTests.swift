import Testing

@testable import LogPipeline

@Suite struct MatchFinderURLTests {
  @Test(arguments: [
    "postgres://u:‹p/a#ss›@host/db",
    "postgres://u:‹p@a/ss›@host:5432/db",
    "mysql://u:‹a?b›@10.0.0.7/x",
    "https://u:‹p#x›@example.com/a",
    "redis://:‹a/b›@[::1]:6379/0",
    "amqp://bob:‹12ab/cd›@mq, retrying",
    "see (mongodb+srv://bob:‹a@b@c›@h/d)",
    "https://u:‹p›@example.com/path/a@b",
    "https://u:‹p›@localhost/reset?email=bob@example.com",
    "x amqp://u:‹p›@h",
    "https://‹a1b2c3d4e5f6g7h8›@github.com/x.git", "https://‹0123456789abcdef0123456789abcdef›@o1.sentry.example:443/2",
    "https://‹a1b2c3d4e5f6g7h8›:@api.example.com/", "https://‹a1b2c3d4e5f6g7h8›:x-oauth-basic@github.com/x",
  ])
  func passwordsGoUpToTheLastAtBeforeAHost(_ text: String) { MarkedText(text).check() }

  @Test(arguments: [
    "http://host:8080/a@b",
    "http://host:8080/users/a@b.com",
    "https://medium.com/@user:abc/x",
    "git+ssh://git@github.com:org/repo@v1.0",
    "docker://alpine:3/x@sha256:ab",
    "http://{host}:{port}/a@b",
    "http://h:port/a@b",
    "http://h:${PORT}/@scope/x",
    "kafka://h1:9092,h2:9092/t@x",
    "http://[::1]:8080/a@b",
    "file://C:/a@b",
    "a://:/@h",
    "a://u:@/", "https://deploy@host/x", "ssh://build-1234567890@host", "akka.tcp://mySparkDriverActorSystem@host:1/x",
    "https://a1b2c3d4e5f6g7h8@/x", "https://a1b2c3d4e5f6g7@host/x", "https://host/a1b2c3d4e5f6g7h8@x",
  ])
  func whatIsNoPasswordStays(_ text: String) { #expect(Redacting(pack: "default")(text) == text) }

  /// What a digest or a code of a token leaves is masked no further, under the key's id that made it.
  @Test func aDigestInTheTokensPlaceStays() {
    var options = RedactionOptions()
    options.detectors = RuleSet([.urlCredentials])
    options.action = .hash(.sha256, isLabelled: true)
    let redact = Redacting(options)
    let left = redact("https://a1b2c3d4e5f6g7h8@github.com/x")
    #expect(left.hasPrefix("https://sha256:") && left.hasSuffix("@github.com/x"))
    #expect(redact(left) == left)
  }
}
