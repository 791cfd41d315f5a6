import Testing

@testable import Gateway

@Suite struct AccessCheckTests {
  /// What is said of a receiver with these options, extensions and exporter.
  private func problems(
    _ receiver: String, _ extensions: String, exporter: String = "nop: "
  ) -> [String] {
    let names = extensions.split(separator: ";").map { $0.split(separator: ":")[0] }.joined(separator: ", ")
    let type = exporter.split(separator: ":")[0]
    return standardProblems(
      """
      receivers: {otlp: {\(receiver)}}
      exporters: {\(exporter)}
      extensions: {\(extensions.replacing(";", with: ", "))}
      service:
        extensions: [\(names)]
        telemetry: {metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], exporters: [\(type)]}}
      """)
  }

  private let basic = "basicauth: {htpasswd: {inline: 'a:b'}}"
  private let auth = "auth: {authenticator: basicauth}"

  @Test(arguments: [
    (#"http: {AUTH}, grpc: {AUTH, endpoint: "0.0.0.0:4317"}"#, nil), (#"http: {AUTH, endpoint: "0.0.0.0:1"}"#, nil),
    (#"http: {endpoint: "127.0.0.1:1"}, grpc: {AUTH, endpoint: "0.0.0.0:4317"}"#, nil),
    ("http: {}, grpc: {AUTH}", nil),
    (#"http: {endpoint: "0.0.0.0:1"}, grpc: {AUTH}"#, "receivers.otlp.protocols.http.endpoint: has no auth"),
    (#"http: {AUTH}, grpc: {endpoint: "[::]:1"}"#, "receivers.otlp.protocols.grpc.endpoint: has no auth"),
  ])
  func aPortThatIsOpenBesideOneThatIsNotIsWarnedOf(_ protocols: String, _ expected: String?) {
    let found = problems("protocols: {\(protocols.replacing("AUTH", with: auth))}", basic)
    #expect(found.count == (expected == nil ? 0 : 1), "\(found)")
    if let expected { #expect(found.first?.contains(expected) == true, "\(found)") }
  }

  @Test func anAuthenticatorThatNobodyAsksIsWarnedOf() {
    let found = problems("protocols: {http: }", basic)
    #expect(
      found.count == 1 && found.first?.contains("extensions.basicauth: is asked by nobody: no port has auth") == true)
    #expect(problems("protocols: {http: {\(auth)}}", basic) == [])
    let outwards = "otlphttp: {endpoint: \"https://h\", auth: {authenticator: bearertokenauth}}"
    #expect(problems("protocols: {http: }", "bearertokenauth: {token: x}", exporter: outwards) == [])
  }

  @Test func knownSendersWithoutATenantAreWarnedOf() {
    let extensions =
      "\(basic);bearertokenauth: {tokens: [{token: x, tenant: a}]};tenants: {from: [auth.tenant, metadata.x-tenant]}"
    func found(_ authenticators: String) -> [String] {
      problems("protocols: {http: {auth: {authenticators: [\(authenticators)]}}}, tenants: tenants", extensions)
    }
    let silent = found("basicauth, bearertokenauth")
    #expect(silent.contains { $0.contains("senders whom basicauth knows have no tenant of their own") }, "\(silent)")
    #expect(!found("bearertokenauth").contains { $0.contains("have no tenant") })
  }

  @Test(arguments: ["authorization", "X-Api-Key", "x-door"])
  func credentialsNameNoTenant(_ header: String) {
    let door = "bearertokenauth: {token: x, header: X-Door, scheme: ''}"
    let found = problems(
      "protocols: {http: {auth: {authenticator: bearertokenauth}}}, tenants: tenants",
      "\(door);tenants: {from: [metadata.\(header)]}")
    #expect(found.contains { $0.contains("holds credentials of senders, and the names of tenants are shown") })
  }

  @Test(arguments: [
    ("", "{from: [metadata.x-tenant]}", "extensions.tenants: is asked by nobody: no receiver has tenants"),
    (", tenants: tenants", "{from: [metadata.x-tenant]}", nil),
    (", tenants: tenants", "{from: [auth.tenant, metadata.x-tenant]}", nil),
    (", tenants: tenants", "{}", "(auth.tenant), and no port has auth: all records are nobody's"),
    (
      ", tenants: tenants", "{from: [auth.a, auth.b], required: true}",
      "receivers.otlp.tenants: asks for what credentials say (auth.a, auth.b), and no port has auth: every request is "
        + "refused"
    ),
  ])
  func tenantsThatNobodyCanNameAreWarnedOf(_ receiver: String, _ tenants: String, _ expected: String?) {
    let found = problems("protocols: {http: }\(receiver)", "tenants: \(tenants)")
    #expect(found.count == (expected == nil ? 0 : 1), "\(found)")
    if let expected { #expect(found.first?.contains(expected) == true, "\(found)") }
  }

  @Test(arguments: [
    "elasticsearch: {endpoint: \"https://h\", data_stream: {namespace: \"{tenant}\"}}",
    "elasticsearch: {endpoint: \"https://h\", logs_index: \"l-{tenant}\"}",
    "otlphttp: {endpoint: \"https://h\", tenant_header: x-tenant}",
    "otlp: {endpoint: \"https://h\", tenant_header: x-tenant}",
    "victorialogs: {endpoint: \"https://h\", tenants: {a: {account_id: 1}}}",
  ])
  func anExporterThatTellsTenantsApartNeedsThemKnown(_ exporter: String) {
    let found = problems("protocols: {http: }", basic + ";", exporter: exporter)
    #expect(found.contains { $0.contains("tells tenants apart, and all records are nobody's") }, "\(found)")
    let known = "tenants: {from: [metadata.x-tenant]}"
    #expect(problems("protocols: {http: }, tenants: tenants", known, exporter: exporter) == [])
  }

  @Test(arguments: [
    ("tenants: {from: [auth.tennant]}", "extensions.tenants.from[0]: no authenticator that is asked knows \"tennant\""),
    ("tenants: {from: [auth.tenant]}", nil),
  ])
  func aNameThatNoAuthenticatorKnowsIsAnError(_ tenants: String, _ expected: String?) {
    let bearer = "bearertokenauth: {token: x}"
    let receiver = "tenants: tenants, protocols: {http: {auth: {authenticator: bearertokenauth}}}"
    let found = problems(receiver, "\(bearer);\(tenants)")
    #expect(found.count == (expected == nil ? 0 : 1), "\(found)")
    if let expected {
      #expect(found.first?.contains(expected) == true, "\(found)")
      #expect(found.first?.contains("did you mean \"tenant\"?") == true && found.first?.contains("warning") == false)
    }
    // What claims an issuer's tokens have is not known here.
    let oidc = "oidc: {providers: [{issuer_url: 'https://i', audience: a}]}"
    let either = receiver.replacing("authenticator: bearertokenauth", with: "authenticators: [oidc, bearertokenauth]")
    #expect(problems(either, "\(bearer);\(tenants);\(oidc)") == [])
  }

  @Test(arguments: [
    ("attributes: {actions: [{key: a, action: insert, from_context: auth.CLAIM}]}", "actions[0].from_context"),
    (
      "resource: {attributes: [{key: a, action: insert, from_context: auth.claims.CLAIM}]}",
      "attributes[0].from_context"
    ),
    ("rate_limit: {key: {auth: CLAIM}, records_per_second: 1}", "key.auth"),
    ("batch: {metadata_keys: [auth.CLAIM]}", "metadata_keys"),
  ])
  func processorsAreHeldToTheNamesToo(_ processor: String, _ path: String) {
    let type = processor.split(separator: ":")[0]
    let found = { (claim: String) in
      standardProblems(
        """
        receivers: {otlp: {protocols: {http: {\(auth)}}}}
        processors: {\(processor.replacing("CLAIM", with: claim))}
        exporters: {nop: }
        extensions: {\(basic)}
        service:
          extensions: [basicauth]
          telemetry: {metrics: {level: none}}
          pipelines: {logs: {receivers: [otlp], processors: [\(type)], exporters: [nop]}}
        """
      ).filter { $0.contains("no authenticator") }
    }
    #expect(found("username") == [])
    #expect(
      found("usrname").first?.contains("processors.\(type).\(path): no authenticator that is asked knows") == true)
    #expect(found("usrname").first?.contains("did you mean \"username\"?") == true)
  }
}
