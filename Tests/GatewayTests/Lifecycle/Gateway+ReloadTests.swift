import Foundation
import LogExport
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite struct GatewayReloadTests {
  private static func yaml(_ timeout: Int, _ protocols: String = "http: {endpoint: \"127.0.0.1:0\"}") -> String {
    withExporter("otlphttp", "endpoint: http://127.0.0.1:9\ntimeout: \(timeout)s").replacingOccurrences(
      of: "http: {endpoint: \"127.0.0.1:0\"}", with: protocols) + "\n  shutdown_timeout: 100ms"
  }

  /// Has a gateway that runs read another configuration; what is wrong with it, or nil.
  private func reload(_ gateway: Gateway, _ yaml: String) async -> String? {
    gateway.reloads.withLock {
      $0.source = ReloadSource(isWatched: false) { () throws(ConfigurationError) in try loadStandard(yaml) }
    }
    return await withCheckedContinuation { continuation in
      gateway.reload(because: "a test") { continuation.resume(returning: $0) }
    }
  }

  @Test func theLoopsOfExportersThatAreGoneAreForgotten() async throws {
    let running = try await RunningGateway.start(Self.yaml(5))
    for timeout in 6..<10 { #expect(await reload(running.gateway, Self.yaml(timeout)) == nil) }
    let isForgotten = try await eventually { running.gateway.running.withLock { $0.loops.count } == 1 }
    #expect(isForgotten)
    #expect(running.gateway.running.withLock { $0.former.leaving.isEmpty })
    try await running.stop()
  }

  @Test func aPortThatCannotBeOpenedLeavesAllAsItWas() async throws {
    let running = try await RunningGateway.start(Self.yaml(5))
    let port = try running.port("receiver otlp")
    let taken = try await RunningGateway.start(Self.yaml(5))
    let other = try taken.port("receiver otlp")
    let both = "grpc: {endpoint: \"127.0.0.1:0\"}, http: {endpoint: \"127.0.0.1:\(other)\"}"
    let problem = await reload(running.gateway, Self.yaml(6, both))
    #expect(problem == "cannot listen on 127.0.0.1:\(other) for receiver otlp: Address already in use")
    #expect(running.gateway.open.withLock { $0.map(\.server.boundPort) } == [port])
    #expect(try await call("POST", "/v1/logs", port: port, json: GatewayTests.request).status == 200)
    running.cancel()
    try? await running.end()
    try await taken.stop()
  }

  @Test func whatWasCountedOfSendersGoesOn() async throws {
    let address = "address: '127.0.0.1:0'"
    let yaml = { (timeout: Int, services: Int) in
      Self.yaml(timeout).replacingOccurrences(
        of: "{metrics: {level: none}}", with: "{metrics: {top_services: \(services), \(address)}}")
    }
    let running = try await RunningGateway.start(yaml(5, 50))
    let (port, admin) = (try running.port("receiver otlp"), try running.port("metrics and health"))
    func send(_ service: String) async throws {
      let attribute = #"{"key":"service.name","value":{"stringValue":"\#(service)"}}"#
      let body = #"{"resourceLogs":[{"resource":{"attributes":[\#(attribute)]},"scopeLogs":[{"logRecords":[{}]}]}]}"#
      #expect(try await call("POST", "/v1/logs", port: port, json: body).status == 200)
    }
    func counted() async throws -> [String] {
      try await call("GET", "/metrics", port: admin).body.split(separator: "\n").map(String.init)
        .filter { $0.hasPrefix("sluice_service_accepted_log_records{") }
        .map { String($0.dropFirst("sluice_service_accepted_log_records".count)) }
    }
    try await send("a")
    #expect(await reload(running.gateway, yaml(6, 10)) == nil)
    try await send("a")
    try await send("b")
    let rest = [#"{service=""} 0"#, #"{service="other"} 0"#]
    #expect(try await counted() == rest + [#"{service="a"} 2"#, #"{service="b"} 1"#])
    #expect(await reload(running.gateway, yaml(6, 1)) == nil)
    #expect(try await counted() == [#"{service=""} 0"#, #"{service="other"} 1"#, #"{service="a"} 2"#])
    #expect(await reload(running.gateway, yaml(6, 0)) == nil)
    #expect(try await counted() == [])
    running.cancel()
    try? await running.end()
  }

  /// So that a log that one reload has changed says so.
  @Test func whatIsListenedOnIsToldOnceTheConfigurationIsInForce() async throws {
    let running = try await RunningGateway.start(Self.yaml(5))
    let told = Mutex<Int?>(nil)
    let log = running.log
    running.gateway.reloads.withLock { reloads in
      reloads.inForce = { _ in told.withLock { $0 = log.lines("listening").count } }
    }
    let before = log.lines("listening").count
    #expect(await reload(running.gateway, Self.yaml(5, "http: {endpoint: \"localhost:0\"}")) == nil)
    #expect(told.withLock { $0 } == before)
    #expect(log.lines("listening").count > before)
    try await running.stop()
  }

  /// Also where the new address has the old one within it, and back.
  @Test func aPortGoesFromOneAddressToAnother() async throws {
    let running = try await RunningGateway.start(Self.yaml(5))
    let other = try await RunningGateway.start(Self.yaml(5))
    let port = try other.port("receiver otlp")
    try await other.stop()
    for host in ["127.0.0.1", "", "127.0.0.1", "localhost", "0.0.0.0"] {
      #expect(await reload(running.gateway, Self.yaml(5, "http: {endpoint: \"\(host):\(port)\"}")) == nil, "\(host)")
      #expect(try await call("POST", "/v1/logs", port: port, json: GatewayTests.request).status == 200, "\(host)")
      #expect(running.gateway.open.withLock { $0.count } == 1)
    }
    running.cancel()
    try? await running.end()
  }
}
