import ArgumentParser
import Gateway
import Options
import Testing

@testable import sluice

@Suite struct ProbeTests {
  /// Where a gateway is asked whose metrics are configured so.
  private func address(_ metrics: String) throws -> String {
    let yaml = """
      receivers: {otlp: {protocols: {http: }}}
      exporters: {nop: }
      service: {telemetry: {metrics: \(metrics)}, pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """
    let configuration = try Configuration.load([.text(yaml, name: "f")], registry: .standard) { _ in nil }
    return try Probe.address(of: configuration.service.telemetry).description
  }

  private func prometheus(_ endpoint: String) -> String { "{pull: {exporter: {prometheus: {\(endpoint)}}}}" }

  @Test func asksWhereTheConfigurationListens() throws {
    #expect(try address("{}") == "127.0.0.1:8888")
    #expect(try address("{address: '0.0.0.0:9000'}") == "127.0.0.1:9000")
    #expect(try address("{address: '[::]:9000'}") == "[::1]:9000")
    #expect(try address("{address: 'localhost:9000'}") == "localhost:9000")
    #expect(try address("{readers: [\(prometheus("host: '10.0.0.1', port: 7"))]}") == "10.0.0.1:7")
    let readers = "[\(prometheus("port: 0")), \(prometheus("port: 8")), \(prometheus("port: 9"))]"
    #expect(try address("{readers: \(readers)}") == "127.0.0.1:8")
  }

  @Test(arguments: ["{level: none}", "{address: 'localhost:0'}"])
  func aConfigurationWithoutAnAdminPortIsAFailure(_ metrics: String) {
    #expect { try address(metrics) } throws: { Sluice.exitCode(for: $0) == .failure }
  }

  @Test(arguments: [
    (["--timeout", "0s"], "--timeout: expected a duration from 1ms to 1h, found 0s"),
    (["--timeout", "999us"], "--timeout: expected a duration from 1ms to 1h, found 999us"),
    (["--timeout", "1h1ns"], "--timeout: expected a duration from 1ms to 1h, found 1h1ns"),
    (["--timeout", "2"], "--timeout: expected a duration with a unit, found 2"),
    (["--address", "8888"], "--address: expected host:port"),
    (["--address", "127.0.0.1:0"], "--address: expected host:port with a port from 1 to 65535"),
    (["--address", ":0"], "--address: expected host:port with a port from 1 to 65535"),
    (["--address", "u:secret@host:1"], "--address: expected host:port without credentials"),
  ])
  func aWrongArgumentIsToldWithoutRepeatingSecrets(_ arguments: [String], _ message: String) {
    #expect {
      try Sluice.parseAsRoot(["probe"] + arguments)
    } throws: {
      Sluice.exitCode(for: $0) == .validationFailure && Sluice.message(for: $0) == message
    }
  }

  @Test(arguments: ["1ms", "1h"]) func timeoutsHaveLimits(_ timeout: String) throws {
    #expect(try Sluice.parseAsRoot(["probe", "--timeout", timeout]) is Probe)
  }

  @Test func anInvalidConfigurationEndsWithItsCode() async throws {
    let probe = try #require(try Sluice.parseAsRoot(["probe", "--config", "/no/such"]) as? Probe)
    await #expect { try await probe.run() } throws: { Sluice.exitCode(for: $0) == .invalidConfiguration }
  }
}
