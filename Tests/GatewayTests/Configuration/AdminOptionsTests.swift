import Access
import Testing

@testable import Gateway

@Suite struct AdminOptionsTests {
  private func yaml(_ admin: String) -> String {
    """
    receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
    extensions: {basicauth: {htpasswd: {inline: 'a:b'}}, bearertokenauth: {token: x}}
    exporters: {nop: }
    service:
      extensions: [basicauth, bearertokenauth]
      admin: \(admin)
      pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
    """
  }

  private func options(_ admin: String) throws -> AdminOptions { try loadStandard(yaml(admin)).service.admin }
  private func problems(_ admin: String) -> [String] { standardProblems(yaml(admin)) }
  private let auth = "auth: {authenticator: basicauth}"

  @Test func withoutItThisMachineIsAnswered() throws {
    let options = try options("")
    #expect(options.auth == nil && options.tls == nil && options.hosts.isEmpty && options.rules == nil)
  }

  @Test func limitsOfTapsHold() throws {
    let tap = try options("{tap: {max_taps: 64, records_per_second: 100000, max_waiting: 64KiB, max_duration: 24h}}")
      .tap
    #expect(tap.maxTaps == 64 && tap.recordsPerSecond == 100_000 && tap.maxWaitingBytes == 64 << 10)
    #expect(tap.maxDuration == .seconds(86_400) && !tap.showsUnredacted)
    let other = try options("{tap: {max_taps: 0, records_per_second: 10, max_waiting: 256MiB, unredacted: true}}").tap
    #expect(other.maxTaps == 0 && other.recordsPerSecond == 10 && other.maxWaitingBytes == 256 << 20)
    #expect(other.showsUnredacted)
    for wrong in [
      "max_taps: 65", "max_taps: -1", "records_per_second: 100001", "records_per_second: 9", "max_waiting: 65535",
      "max_waiting: 257MiB", "max_duration: 25h", "max_duration: 0s",
    ] { #expect(problems("{tap: {\(wrong)}}").count == 1, "\(wrong)") }
  }

  @Test func rulesAreRead() throws {
    let options = try options(
      """
      {\(auth), hosts: [Logs.example.com, '10.0.0.7'], access: [
          {may: [logs, tap], where: 'resource.attributes["team"] == "shop"',
           who: [{key: auth.username, value: a}, {key: auth.claims.groups},
                 {authenticator: basicauth, key: auth.tenant}]},
          {may: [reload, dead_letters]}]}
      """)
    #expect(options.hosts == ["logs.example.com", "10.0.0.7"])
    let rules = try #require(options.rules)
    #expect(
      rules.first?.who == [
        IdentityMatcher(name: "username", value: "a"), IdentityMatcher(name: "groups"),
        IdentityMatcher(authenticator: "basicauth", name: "tenant"),
      ])
    #expect(rules.map(\.may) == [[.logs, .tap], [.reload, .deadLetters]])
    #expect(rules.map { $0.condition == nil } == [false, true] && rules[1].who.isEmpty)
  }

  /// What is not given must not be printed as an empty list, which means something else.
  @Test func whatIsPrintedMeansTheSame() throws {
    for admin in ["{\(auth)}", "{\(auth), access: [{may: [logs]}]}", ""] {
      let printed = try loadStandard(yaml(admin)).effectiveYAML()
      #expect(printed.contains("access:") == admin.contains("access") && !printed.contains("who:"))
    }
    #expect(try loadStandard(yaml("{\(auth), access: []}")).effectiveYAML().contains("access: []"))
  }

  @Test func nobodyMayAnythingByAnEmptyList() throws {
    #expect(try options("{\(auth), access: []}").rules?.isEmpty == true)
    #expect(problems("{\(auth), access: }").contains { $0.contains("those who are known may do nothing") })
  }

  /// What is left empty must not stand for everything.
  @Test func mistakesAreTold() {
    for (admin, part) in [
      ("{access: [{may: [logs]}]}", "access: without auth nobody is known"),
      ("{auth: {authenticator: basicath}}", "admin.auth.authenticator: undefined extension \"basicath\""),
      (
        "{\(auth), access: [{may: [logs, dead_letters], where: 'resource.attributes[\"a\"] == 1'}]}",
        "access[0].where: dead letters are shown whole"
      ),
      ("{\(auth), access: [{}]}", "access[0].may: at least one is required of logs"),
      ("{\(auth), access: [{may: [log]}]}", "expected \"logs\", \"tap\", \"dead_letters\" or \"reload\""),
      ("{\(auth), access: [{may: [logs], who: []}]}", "access[0].who: at least one"),
      ("{\(auth), access: [{may: [logs], who: }]}", "access[0].who: at least one"),
      ("{\(auth), access: [{may: [logs], where: }]}", "access[0].where: expected a condition, found nothing"),
      ("{\(auth), access: [{may: [logs], where: ''}]}", "access[0].where: "),
      ("{\(auth), access: [{may: [logs], where: 'attributes[\"a\"]'}]}", "access[0].where: "),
      ("{\(auth), access: [{may: [logs], who: [{}]}]}", "who[0]: key or authenticator: required"),
      ("{\(auth), access: [{may: [logs], who: [{value: a}]}]}", "who[0].value: is of no use without key"),
      ("{\(auth), access: [{may: [logs], who: [{key: auth.x, value: }]}]}", "who[0].value: expected a text"),
      ("{\(auth), access: [{may: [logs], who: [{key: username}]}]}", "did you mean \"auth.username\"?"),
      ("{\(auth), access: [{may: [logs], who: [{key: auth.}]}]}", "expected auth. and a name"),
      ("{\(auth), hosts: ['http://a']}", "hosts[0]: expected a host name"),
      ("{tls: {}}", "admin.tls: cert_file or cert_pem: required"),
    ] {
      let found = problems(admin)
      #expect(found.contains { $0.contains(part) }, "\(admin): \(found)")
    }
  }

  /// A claim of a token can be named as a user of another authenticator is.
  @Test func ofSeveralAuthenticatorsOneIsMeant() {
    let several = "auth: {authenticators: [basicauth, bearertokenauth]}"
    func found(_ auth: String, _ who: String) -> [String] {
      problems("{\(auth), access: [{may: [logs], who: [{\(who)}]}]}").filter { $0.contains("admin.access") }
    }
    #expect(found(several, "key: auth.username, value: a").first?.contains("who[0]: several authenticators") == true)
    #expect(found(several, "key: auth.username, value: a, authenticator: basicauth").isEmpty)
    #expect(found(auth, "key: auth.username, value: a").isEmpty)
    let other = found(auth, "authenticator: basicath").first ?? ""
    #expect(other.contains("who[0].authenticator: basicath is not asked (did you mean \"basicauth\"?)"), "\(other)")
  }

  @Test func listsAreBounded() {
    func list(_ item: String, _ count: Int) -> String {
      "[" + Array(repeating: item, count: count).joined(separator: ", ") + "]"
    }
    let cases: [(limit: Int, text: (Int) -> String)] = [
      (256, { "{\(auth), access: \(list("{may: [logs]}", $0))}" }),
      (64, { "{\(auth), access: [{may: [logs], who: \(list("{key: auth.a}", $0))}]}" }),
      (64, { "{\(auth), hosts: \(list("a", $0))}" }),
    ]
    for (limit, text) in cases {
      #expect(problems(text(limit)) == [])
      let found = problems(text(limit + 1))
      #expect(found.count == 1 && found.first?.contains("found \(limit + 1)") == true, "\(found)")
      #expect(found.first?.contains("the limit is \(limit)") == true)
    }
  }

  @Test func anAuthenticatorOfThePortIsAsked() {
    #expect(problems("{\(auth)}") == [])
    #expect(problems("").contains { $0.contains("is asked by nobody") })
  }

  /// What the admin port names stays where `signals` leaves out all else that names it.
  @Test func whatItNamesIsNotLeftOut() throws {
    let configuration = try loadStandard(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      extensions: {basicauth: {htpasswd: {inline: 'a:b'}}, basicauth/out: {client_auth: {username: a, password: b}}}
      exporters: {nop: , otlphttp: {endpoint: "http://127.0.0.1:9", auth: {authenticator: basicauth/out}}}
      service:
        extensions: [basicauth, basicauth/out]
        signals: [logs]
        admin: {\(auth)}
        pipelines:
          logs: {receivers: [otlp], exporters: [nop]}
          traces: {receivers: [otlp], exporters: [otlphttp]}
      """)
    #expect(configuration.service.extensions.map { "\($0.id)" } == ["basicauth"])
  }
}
