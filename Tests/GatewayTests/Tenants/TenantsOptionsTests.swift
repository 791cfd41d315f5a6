import LogPipeline
import Testing

@testable import Gateway

@Suite struct TenantsOptionsTests {
  private func problems(_ options: String) -> [String] {
    standardProblems(
      """
      extensions: {tenants: \(options)}
      receivers: {otlp: {tenants: tenants}}
      exporters: {nop: }
      service: {extensions: [tenants], pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """)
  }

  private func policy(_ options: String) throws -> TenantPolicy {
    let yaml = """
      extensions: {tenants: \(options)}
      receivers: {otlp: {tenants: tenants}}
      exporters: {nop: }
      service: {extensions: [tenants], pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """
    return try #require(try loadStandard(yaml).extensions.first?.options.tenants)
  }

  @Test func defaultsAreNoLimits() throws {
    let policy = try policy("")
    #expect(policy == TenantPolicy())
    #expect(policy.sources == [.claim("tenant")] && policy.whenIdle == .admit && policy.maxTenants == 1000)
    #expect(policy.limits(of: []) == TenantLimits())
  }

  @Test func everyOptionIsRead() throws {
    let policy = try policy(
      """
      {from: [auth.org, metadata.X-Tenant, resource.tenant.id], default: rest, when_idle: refuse, max_tenants: 7,
       quota: {records_per_second: 10, burst: 2s, in_flight: 1KiB, queued: 2KiB},
       quotas: {acme: {bytes_per_second: 1MiB}, empty: {}}, weights: {acme: 4}}
      """)
    #expect(policy.sources == [.claim("org"), .field("x-tenant"), .attribute("tenant.id")])
    #expect(policy.defaultName == Array("rest".utf8) && policy.whenIdle == .refuse && policy.maxTenants == 7)
    let rest = policy.limits(of: Array("other".utf8))
    #expect(rest.quota.records == Rate(perSecond: 10, burst: .seconds(2)) && rest.quota.bytes == nil)
    #expect(rest.quota.inFlightBytes == 1024 && rest.quota.queuedBytes == 2048 && rest.weight == 1)
    let acme = policy.limits(of: Array("acme".utf8))
    #expect(acme.quota.bytes == Rate(perSecond: 1 << 20, burst: .seconds(1)) && acme.weight == 4)
    #expect(acme.quota.records == nil && acme.quota.queuedBytes == nil)
    #expect(policy.limits(of: Array("empty".utf8)) == TenantLimits(quota: TenantQuota(), weight: 1, .refuse))
    #expect(try self.policy("{required: true}").isRequired)
  }

  @Test func aQuotaThatCannotHoldIsWarnedOf() {
    let warning = "in_flight of quotas counts nobody's"
    for (options, isWarnedOf) in [
      ("from: [resource.x, metadata.x], quota: {in_flight: 1MiB}", true),
      ("from: [resource.x], quotas: {a: {in_flight: 1MiB}}", true),
      ("from: [metadata.x, resource.x], quota: {in_flight: 1MiB}", false),
      ("from: [resource.x], quota: {queued: 1MiB, records_per_second: 1, bytes_per_second: 1}", false),
    ] {
      let found = problems("{\(options)}")
      #expect(found.contains { $0.contains(warning) } == isWarnedOf && found.count <= 1, "\(options): \(found)")
    }
  }

  @Test func whatContradictsItselfIsAnError() {
    let long = String(repeating: "x", count: 129)
    for (wrong, part) in [
      ("{from: []}", "at least one source is required"), ("{from: [tenant]}", "auth.<name>, metadata.<header field>"),
      ("{from: [auth.a, auth.a]}", "\"auth.a\" is named twice"),
      ("{from: [metadata.x, auth.a]}", "\"auth.a\" has to come first"),
      ("{from: [resource.x, auth.a]}", "\"auth.a\" has to come first"),
      (
        "{from: [auth.a, auth.b, auth.c, auth.d, auth.e, auth.f, auth.g, auth.h, auth.i]}",
        "found 9 sources: the limit is 8"
      ),
      ("{required: true, default: a}", "only one of the two"), ("{default: \(long)}", "at most 128 bytes"),
      ("{default: \"a\\n\"}", "without control characters"), ("{max_tenants: 0}", "expected a whole number"),
      ("{max_tenants: 10001}", "expected a whole number"), ("{weights: {a: 0}}", "expected a whole number"),
      ("{weights: {a: 1001}}", "expected a whole number"),
      ("{weights: {\(long): 1}}", "has 129 bytes: the limit is 128 bytes"),
      ("{quotas: {\(long): {}}}", "has 129 bytes: the limit is 128 bytes"),
      ("{quota: {records_per_second: 0}}", "expected a whole number"), ("{quota: {queued: 0}}", "expected a size"),
      ("{quotas: {a: {rate: 1}}}", "unknown key \"rate\""), ("{when_idle: drop}", "\"admit\" or \"refuse\""),
    ] {
      let found = problems(wrong)
      #expect(found.contains { $0.contains(part) }, "\(wrong): \(found)")
    }
    #expect(problems("{from: [auth.a, metadata.x, resource.y], max_tenants: 10000, weights: {a: 1000}}") == [])
  }

  @Test func aReceiverNamesAnExtensionThatKnowsTenantsAndIsStarted() {
    func problems(_ extensions: String, started: String = "tenants") -> String {
      let yaml = """
        extensions: {\(extensions)}
        receivers: {otlp: {tenants: tenants}}
        exporters: {nop: }
        service: {extensions: [\(started)], pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
        """
      do { _ = try loadStandard(yaml) } catch { return "\(error)" }
      return ""
    }
    #expect(problems("tenants: ") == "")
    #expect(problems("tenants/x: ", started: "tenants/x").contains("undefined extension \"tenants\""))
    #expect(problems("tenants: ", started: "").contains("\"tenants\" is not in service.extensions"))
    let other = "file_storage: {directory: /tmp}"
    let yaml = """
      extensions: {\(other)}
      receivers: {otlp: {tenants: file_storage}}
      exporters: {nop: }
      service: {extensions: [file_storage], pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """
    #expect(throws: (any Error).self) { try loadStandard(yaml) }
  }
}
