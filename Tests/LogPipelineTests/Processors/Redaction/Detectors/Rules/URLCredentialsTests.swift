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
    "a://u:@/",
  ])
  func whatIsNoPasswordStays(_ text: String) { #expect(Redacting(pack: "default")(text) == text) }
}
