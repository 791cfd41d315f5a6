import ArgumentParser
import Gateway
import Glibc
import Options

/// The arguments that say which admin port is asked, and how.
struct AdminArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The admin port to ask; without a host, of this machine. With https:// before it by TLS.",
      valueName: "host:port"))
  var address: String?

  @Option(help: ArgumentHelp("The authorities of the port's certificate, in PEM.", valueName: "file"))
  var caFile: String?

  func validate() throws {
    if try given()?.isTLS != true, caFile != nil {
      throw ValidationError("--ca-file is for an --address that begins with https://")
    }
  }

  /// The admin port that `--address` names.
  private func given() throws -> (endpoint: Endpoint, isTLS: Bool)? {
    try address.map { address in
      let isTLS = address.lowercased().hasPrefix("https://")
      return (try Probe.parsed(address: isTLS ? String(address.dropFirst(8)) : address), isTLS)
    }
  }

  /// Where to ask and how, by the arguments or else by what the configuration says.
  func target(_ config: ConfigArguments) throws -> (endpoint: Endpoint, caller: AdminCaller) {
    var caller = AdminCaller()
    do {
      if let (endpoint, isTLS) = try given() {
        if isTLS { try caller.trust(authoritiesIn: caFile) }
        return (endpoint, caller)
      }
      let service = try Probe.service(config)
      if let tls = service.admin.tls { try caller.trust(tls) }
      return (try Probe.address(of: service.telemetry), caller)
    } catch let failure as AdminProbe.Failure {
      writeToStandardError("error: \(failure)")
      throw ExitCode.failure
    }
  }
}

/// Who asks an admin port. Never an argument, which other users of the machine could read.
struct CredentialArguments: ParsableArguments {
  /// The variable of the environment that holds credentials where no file is named.
  private static let variable = "SLUICE_CREDENTIALS"

  @Option(
    help: ArgumentHelp(
      "A file with credentials for the admin port: \"Basic user:password\" or \"Bearer token\"; without it the "
        + "variable SLUICE_CREDENTIALS may hold them.", valueName: "file"))
  var credentialsFile: String?

  /// Has a caller present what is given, if anything is, to an address where that does not cross a network in the
  /// clear.
  func present(by caller: inout AdminCaller, to address: Endpoint) throws {
    do {
      if let credentialsFile {
        try caller.present(try Self.text(of: credentialsFile))
      } else if let text = getenv(Self.variable).flatMap({ String(validatingCString: $0) }), !text.isEmpty {
        try caller.present(text)
      }
    } catch let failure as AdminProbe.Failure {
      writeToStandardError("error: \(credentialsFile.map { visible($0) } ?? Self.variable): \(failure)")
      throw ExitCode.failure
    }
    if let problem = caller.problem(asking: address) {
      writeToStandardError("error: \(address): \(problem)")
      throw ExitCode.failure
    }
  }

  /// No more is read than one byte past the limit.
  private static func text(of path: String) throws -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw AdminProbe.Failure(description: String(cString: strerror(errno))) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: AdminCaller.maxCredentialBytes + 1)
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress?.advanced(by: count), $0.count - count) }
      if more < 0 && errno == EINTR { continue }
      guard more >= 0 else { throw AdminProbe.Failure(description: String(cString: strerror(errno))) }
      if more == 0 { break }
      count += more
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
