import ArgumentParser
import Gateway
import Options

/// `sluice probe`: a health check where there is no other client, as in a container.
struct Probe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask a running gateway whether it takes logs.",
    discussion: """
      Exit code 0 if it does, 1 if it does not or does not answer. The configuration, or the embedded default, says \
      where to ask, unless --address does.
      """)

  @OptionGroup var config: ConfigArguments

  @OptionGroup var admin: AdminArguments

  @Flag(help: "Ask only whether the process answers.")
  var live = false

  @Option(help: ArgumentHelp("How long to wait for the answer.", valueName: "duration"))
  var timeout = "2s"

  func validate() throws {
    _ = try givenTimeout()
  }

  func run() async throws {
    let (address, caller) = try admin.target(config)
    let probe = AdminProbe(live ? .live : .ready, at: address, within: try givenTimeout(), by: caller)
    let line: String
    do throws(AdminProbe.Failure) {
      let answer = try await probe.ask()
      line = "\(address) answered \(answer.status): \(visible(answer.text))"
      if answer.status == 200 { return print(line) }
    } catch {
      line = "\(address): \(error)"
    }
    writeToStandardError("error: \(line)")
    throw ExitCode.failure
  }

  /// The admin port that `--address` names.
  static func parsed(address: String) throws -> Endpoint {
    do throws(OptionMismatch) {
      let endpoint = try Endpoint.parse(address, defaultPort: 8888)
      if endpoint.port == 0 { throw OptionMismatch("host:port with a port from 1 to 65535") }
      return reachable(endpoint)
    } catch {
      throw ValidationError("--address: expected \(error.expected)")
    }
  }

  private func givenTimeout() throws -> Duration {
    do throws(OptionMismatch) {
      let duration = try parseDuration(timeout)
      guard (.milliseconds(1) ... .seconds(3600)).contains(duration) else {
        throw OptionMismatch("a duration from 1ms to 1h")
      }
      return duration
    } catch {
      throw ValidationError("--timeout: expected \(error.expected), found \(visible(timeout))")
    }
  }

  /// What the configuration says of the admin port. Its warnings are not repeated at every health check.
  static func service(_ config: ConfigArguments) throws -> ServiceOptions {
    do throws(ConfigurationError) { return try config.read(forThisMachine: false).service } catch {
      writeToStandardError(error.problems, error.logEncoding)
      throw ExitCode.invalidConfiguration
    }
  }

  /// Where a gateway is asked that runs with these options: on its first admin port.
  static func address(of telemetry: TelemetryOptions) throws -> Endpoint {
    guard let address = telemetry.metricsEndpoints.first(where: { $0.port != 0 }) else {
      writeToStandardError("error: the configuration names no admin port (service.telemetry.metrics); give --address")
      throw ExitCode.failure
    }
    return reachable(address)
  }

  /// What listens on every interface is asked on this machine.
  private static func reachable(_ listening: Endpoint) -> Endpoint {
    var address = listening
    switch address.host {
    case "", "0.0.0.0": address.host = "127.0.0.1"
    case "::": address.host = "::1"
    default: break
    }
    return address
  }
}
