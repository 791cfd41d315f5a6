import ArgumentParser
import Foundation
import Gateway
import Options
import Testing

@testable import sluice

@Suite struct AdminArgumentsTests {
  @Test(arguments: [
    (["--ca-file", "/x"], "--ca-file is for an --address that begins with https://"),
    (["--address", "localhost:1", "--ca-file", "/x"], "--ca-file is for an --address that begins with https://"),
    (["--address", "https://localhost"], "--address: expected host:port"),
    (["--address", "http://localhost:1"], "--address: expected host:port without a scheme"),
  ])
  func whatCannotBeIsRefused(_ arguments: [String], _ message: String) {
    #expect { try Logs.parse(arguments) } throws: { Logs.message(for: $0) == message }
  }

  @Test func theAddressIsThatOfTheArguments() throws {
    let arguments = try AdminArguments.parse(["--address", "https://:9"])
    let target = try arguments.target(ConfigArguments.parse([]))
    #expect(target.endpoint.description == "127.0.0.1:9")
  }

  private let here = Endpoint(host: "127.0.0.1", port: 8888)

  @Test func aCredentialsFileIsReadUpToItsLimit() throws {
    let path = NSTemporaryDirectory() + "sluice-credentials-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    for (text, isTaken) in [("Bearer abc\n", true), ("abc", false), (String(repeating: "x", count: 1 << 20), false)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      var caller = AdminCaller()
      let arguments = try CredentialArguments.parse(["--credentials-file", path])
      if isTaken {
        try arguments.present(by: &caller, to: here)
        // Whatever command asks, it does not send them through a network in the clear.
        let elsewhere = Endpoint(host: "10.0.0.7", port: 8888)
        #expect(throws: ExitCode.failure) { try arguments.present(by: &caller, to: elsewhere) }
      } else {
        #expect(throws: ExitCode.failure) { try arguments.present(by: &caller, to: here) }
      }
    }
    var caller = AdminCaller()
    #expect(throws: ExitCode.failure) {
      try CredentialArguments.parse(["--credentials-file", path + ".none"]).present(by: &caller, to: here)
    }
  }
}
