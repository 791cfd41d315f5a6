import Testing

@testable import LogPipeline

@Suite struct GrokDefinitionsTests {
  @Test func everyDefinitionCompiles() throws {
    for name in GrokDefinitions.all.keys.sorted() {
      #expect(throws: Never.self, "\(name)") { try GrokPattern("%{\(name):x}", namedOnly: true) }
    }
    #expect(GrokDefinitions.all.count >= 60)
  }

  @Test(arguments: [
    ("USERNAME", "a.b-c_1"), ("EMAILADDRESS", "a.b+c@example.com"), ("INT", "-12"), ("NUMBER", "+1.5"),
    ("NUMBER", ".5"), ("BASE16NUM", "0xFF"),
    ("POSINT", "12"), ("NONNEGINT", "0"), ("WORD", "abc_1"), ("NOTSPACE", "a/b"), ("GREEDYDATA", "a b"),
    ("QUOTEDSTRING", #""a \" b""#),
    ("QS", "'x'"), ("UUID", "123e4567-e89b-12d3-a456-426614174000"), ("URN", "urn:isbn:0451450523"),
    ("MAC", "00:11:22:aa:bb:cc"),
    ("MAC", "0011.22aa.bbcc"), ("MAC", "00-11-22-AA-BB-CC"), ("IPV4", "192.168.1.255"), ("IPV6", "2001:db8::1"),
    ("IPV6", "::"),
    ("IPV6", "1:2:3:4:5:6:7:8"), ("IPV6", "::ffff:10.0.0.1"), ("IP", "10.0.0.1"), ("HOSTNAME", "a-b.example.com"),
    ("HOSTPORT", "h.x:80"),
    ("UNIXPATH", "/var/log/x.log"), ("WINPATH", #"C:\a\b.txt"#), ("TTY", "/dev/pts/0"), ("URIPROTO", "https"),
    ("URI", "https://user:pw@example.com:8080/a/b?x=1&y=2"), ("URIPATHPARAM", "/a?b=c"), ("MONTH", "Jan"),
    ("MONTH", "September"), ("MONTHNUM", "12"),
    ("MONTHDAY", "31"), ("DAY", "Tuesday"), ("YEAR", "2024"), ("TIME", "23:59:60.5"), ("DATE_US", "12/31/2024"),
    ("DATE_EU", "31.12.2024"),
    ("TIMESTAMP_ISO8601", "2024-01-15T10:30:00.123Z"), ("TIMESTAMP_ISO8601", "2024-01-15 10:30:00,123+01:00"),
    ("DATESTAMP_RFC822", "Mon Jan 15 2024 10:30:00 UTC"),
    ("DATESTAMP_RFC2822", "Mon, 15 Jan 2024 10:30:00 +0100"), ("HTTPDATE", "10/Oct/2000:13:55:36 -0700"),
    ("SYSLOGTIMESTAMP", "Jan  5 10:30:00"),
    ("LOGLEVEL", "WARNING"), ("LOGLEVEL", "err"), ("JAVACLASS", "com.example.Main$1"), ("JAVAMETHOD", "<init>"),
    ("BOOL", "false"), ("TZ", "CEST"),
  ])
  func definitionsMatchTheWhole(_ name: String, _ text: String) throws {
    let grok = try GrokPattern("^%{\(name):x}$", namedOnly: true)
    #expect(text.withBytes { grok.pattern.matches($0) }, "\(name)")
  }

  @Test(arguments: [
    ("IPV4", "256.1.1.1"), ("INT", "a"), ("MONTHNUM", "13"), ("MONTHDAY", "32"), ("HOUR", "24"), ("UUID", "123e4567"),
    ("MAC", "00:11"), ("POSINT", "0"),
    ("TIMESTAMP_ISO8601", "2024-13-01T00:00:00Z"), ("LOGLEVEL", "loud"), ("BOOL", "yes"), ("IPV6", "1:2:3"),
  ])
  func definitionsDoNotMatchOthers(_ name: String, _ text: String) throws {
    let grok = try GrokPattern("^%{\(name):x}$", namedOnly: true)
    #expect(!text.withBytes { grok.pattern.matches($0) }, "\(name)")
  }

  @Test func accessLogsAreRead() throws {
    let grok = try GrokPattern("%{COMBINEDAPACHELOG}", namedOnly: true)
    let line = #"10.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "http://x/" "curl/8""#
    #expect(
      ShownFields.of(line) { grok.read($0, into: &$1) }
        == "{source.address: 10.0.0.1, user.name: frank, timestamp: 10/Oct/2000:13:55:36 -0700, http.request.method: GET, url.original: /a.gif, "
        + "http.version: 1.0, http.response.status_code: 200, http.response.body.size: 2326, http.request.referrer: http://x/, user_agent.original: curl/8}"
    )
  }

  @Test func syslogIsRead() throws {
    let grok = try GrokPattern("%{SYSLOGLINE}", namedOnly: true)
    #expect(
      ShownFields.of("Jan  5 10:30:00 web-1 sshd[42]: Accepted key") { grok.read($0, into: &$1) }
        == "{timestamp: Jan  5 10:30:00, host.hostname: web-1, process.name: sshd, process.pid: 42, message: Accepted key}"
    )
  }

  @Test(arguments: [
    (
      "%{HTTPD_ERRORLOG}",
      "[Wed Oct 11 14:32:52.123 2023] [core:error] [pid 35708:tid 4328] [client 72.15.99.187:1234] AH00037: no such file",
      [
        "apache.error.module: core", "log.level: error", "source.port: 1234", "error.code: AH00037",
        "message: no such file",
      ]
    ),
    (
      "%{HTTPD_ERRORLOG}", "[Wed Oct 11 14:32:52 2000] [error] [client 127.0.0.1] client denied",
      ["log.level: error", "source.address: 127.0.0.1", "message: client denied"]
    ),
    (
      "%{SYSLOG5424LINE}",
      #"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su 77 ID47 [a@1 b="c"] it failed"#,
      [
        "log.syslog.priority: 34", "system.syslog.version: 1", "host.name: mymachine.example.com",
        "process.command: su",
        "process.pid: 77", "event.code: ID47", #"system.syslog.structured_data: [a@1 b="c"]"#, "message: it failed",
      ]
    ),
    (
      "%{SYSLOG5424LINE}", "<34>1 2003-10-11T22:14:15Z h - - - - m", ["host.name: h", "message: m"]
    ),
    (
      "%{CRONLOG}", "Oct  5 13:55:36 host1 CRON[12]: (root) CMD (run-parts /etc)",
      ["user.name: root", "system.cron.action: CMD", "message: run-parts /etc", "process.pid: 12"]
    ),
    (
      "%{JAVASTACKTRACEPART}", "\tat com.example.App.main(App.java:17)",
      [
        "java.log.origin.class.name: com.example.App", "log.origin.function: main", "log.origin.file.name: App.java",
        "log.origin.file.line: 17",
      ]
    ),
    (
      "%{CATALINALOG}",
      "05-Oct-2023 13:55:36.123 INFO [main] org.apache.catalina.startup.Catalina.start Server startup",
      [
        "log.level: INFO", "java.log.origin.thread.name: main",
        "java.log.origin.class.name: org.apache.catalina.startup.Catalina", "log.origin.function: start",
        "message: Server startup",
      ]
    ),
    (
      "%{ELB_REQUEST_LINE}", "GET https://example.com:443/a/b?x=1 HTTP/1.1",
      [
        "http.request.method: GET", "url.original: https://example.com:443/a/b?x=1", "url.scheme: https",
        "url.domain: example.com", "url.port: 443", "url.path: /a/b", "url.query: x=1", "http.version: 1.1",
      ]
    ),
  ])
  func linesOfServersAreRead(_ pattern: String, _ text: String, _ fields: [String]) throws {
    let grok = try GrokPattern(pattern, namedOnly: true)
    let shown = try #require(ShownFields.of(text) { grok.read($0, into: &$1) })
    for field in fields { #expect(shown.contains(field), "\(field) in \(shown)") }
  }
}
