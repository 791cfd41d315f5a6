import LogExport
import LogPipeline
import Options
import Testing

@testable import Gateway

@Suite struct LoadBalancingExporterOptionsTests {
  private let listed = "resolver: {static: {hostnames: [\"a:1\", b]}}\nprotocol: {otlp: {tls: {insecure: true}}}"

  private func read(_ yaml: String) throws -> LoadBalancingExporterOptions {
    let (component, _): (LoadBalancingExporterOptions, _) = try component("loadbalancing", yaml)
    return component
  }

  @Test func membersAreListedOrLookedUp() throws {
    let options = try read(listed + "\nsending_queue: {queue_size: 9MiB}")
    #expect(options.members.ring.members == ["a:1", "b"] && options.lookup == nil && options.key == nil)
    #expect(options.sender.isInsecure && options.delivery.queueBytes == 9 << 20)
    let dns = try read("resolver: {dns: {hostname: h, port: 9, interval: 3s, timeout: 2s}}").lookup
    #expect(dns?.hostname == "h" && dns?.port == 9 && dns?.interval == .seconds(3) && dns?.timeout == .seconds(2))
    let usual = try read("resolver: {dns: {hostname: h}}").lookup
    #expect(usual?.port == 4317 && usual?.interval == .seconds(5) && usual?.timeout == .seconds(1))
  }

  @Test func whatBelongsTogetherIsSaid() throws {
    #expect(try read(listed + "\nrouting_key: traceID").key == .trace)
    #expect(try read(listed + "\nrouting_key: service").key == .service)
    let attributes = "\nrouting_key: attributes\nrouting_attributes: [k8s.pod.name, user]"
    #expect(try read(listed + attributes).key == .attributes(["k8s.pod.name", "user"]))
  }

  @Test func theTimeoutOfTheProtocolIsThatOfTheExporter() throws {
    let one = "resolver: {dns: {hostname: h}}\nprotocol: {otlp: {timeout: 3s}}"
    #expect(try read(one).delivery.loop.requestTimeout == .seconds(3))
    let both = "resolver: {dns: {hostname: h}}\nprotocol: {otlp: {timeout: 3s}}\ntimeout: 4s"
    #expect(try read(both).delivery.loop.requestTimeout == .seconds(4))
  }

  @Test(arguments: [
    ("", "resolver: static or dns: required"), ("resolver: {static: {}}", "hostnames: required"),
    ("resolver: {dns: {}}", "hostname: required"), ("resolver: {dns: {hostname: h, port: 65536}}", "from 1 to 65535"),
    ("resolver: {dns: {hostname: h}, static: {hostnames: [a]}}", "cannot be given together with static"),
    ("resolver: {dns: {hostname: h}, k8s: {service: s}}", "use dns with the name of a headless service"),
    ("resolver: {dns: {hostname: h, interval: 99ms}}", "a duration from 100ms"),
    ("resolver: {dns: {hostname: h}}\nrouting_key: attributes", "routing_attributes: required"),
    ("resolver: {dns: {hostname: h}}\nrouting_attributes: [a]", "is of no use without routing_key: attributes"),
    ("resolver: {dns: {hostname: h}}\nrouting_key: streamID", "metrics are not looked into"),
    ("resolver: {dns: {hostname: h}}\nprotocol: {otlp: {sending_queue: {}}}", "one queue holds records for all"),
  ]) func whatCannotBeIsNamed(_ yaml: String, what: String) {
    let found = problems("loadbalancing", yaml)
    #expect(found.count == 1 && found.first?.contains(what) == true, "\(found)")
  }

  @Test func listsHaveLimits() {
    func hosts(_ count: Int) -> String {
      "resolver: {static: {hostnames: [\((0..<count).map { "h\($0)" }.joined(separator: ", "))]}}"
    }
    #expect(problems("loadbalancing", hosts(1024)) == [])
    #expect(problems("loadbalancing", hosts(1025)).first?.contains("found 1025 members: the limit is 1024") == true)
    func attributes(_ count: Int) -> String {
      let names = (0..<count).map { "a\($0)" }.joined(separator: ", ")
      return hosts(1) + "\nrouting_key: attributes\nrouting_attributes: [\(names)]"
    }
    #expect(problems("loadbalancing", attributes(16)) == [])
    #expect(problems("loadbalancing", attributes(17)).first?.contains("found 17 attributes: the limit is 16") == true)
  }

  @Test func metricsHaveNoTraces() throws {
    #expect(try read(listed).problem(in: .metrics) == nil)
    let byTrace = try read(listed + "\nrouting_key: traceID")
    #expect(byTrace.problem(in: .metrics)?.contains("which metrics do not have") == true)
    #expect(byTrace.problem(in: .traces) == nil)
  }
}
