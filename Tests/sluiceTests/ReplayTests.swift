import ArgumentParser
import Foundation
import Gateway
import LogStore
import Testing

@testable import sluice

@Suite struct ReplayTests {
  @Test func argumentsAreRead() throws {
    let replay = try #require(
      try Sluice.parseAsRoot([
        "replay", "--query", "error", "--from", "2h", "--exporter", "file/a", "--rate", "100000000", "--resume", "f",
      ]) as? Replay)
    #expect(replay.query == "error" && replay.from == "2h" && replay.to == nil && replay.resume == "f")
  }

  @Test(arguments: [["--rate", "0"], ["--rate", "100000001"], ["--rate", "x"]])
  func wrongUsageEndsWithExitCode64(_ more: [String]) {
    #expect {
      try Sluice.parseAsRoot(["replay", "--exporter", "file"] + more)
    } throws: {
      Sluice.exitCode(for: $0).rawValue == 64
    }
    #expect { try Sluice.parseAsRoot(["replay"]) } throws: { Sluice.exitCode(for: $0).rawValue == 64 }
  }

  private func problem(_ more: [String], _ exporters: String = "store: {path: /no/such}") async throws -> Int32 {
    let config = """
      yaml:receivers: {otlp: {protocols: {http: }}}
      exporters: {nop: {}, \(exporters)}
      service: {pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """
    let command = try Sluice.parseAsRoot(["replay", "--config", config, "--exporter", "nop"] + more)
    let replay = try #require(command as? Replay)
    do { try await replay.run() } catch { return Sluice.exitCode(for: error).rawValue }
    return 0
  }

  @Test func whatIsWrongEndsIt() async throws {
    #expect(try await problem([]) == 1, "a folder that is not there")
    #expect(try await problem([], "debug: {}") == 1, "no store")
    #expect(try await problem([], "store/a: {path: /a}, store/b: {path: /b}") == 1, "several stores")
    #expect(try await problem(["--query", "("]) == 1)
    #expect(try await problem(["--from", "2026-01-02", "--to", "2026-01-02"]) == 1)
    #expect(try await problem(["--to", "x"]) == 1)
  }

  @Test func aFileKeepsHowFarItIs() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("f").path
    let file = ReplayFile(path, of: ["a b", "c\nd"])
    #expect(try file.read() == nil)
    for next in [7, UInt64.max] {
      try file.write(next)
      #expect(try ReplayFile(path, of: ["a b", "c\nd"]).read() == next)
    }
    #expect(throws: ReplayError.self) { try ReplayFile(path, of: ["a", "b c\nd"]).read() }
    for bad in ["", "sluice replay 1\n", "sluice replay 2\n7\n\"a\"\n", "sluice replay 1\n-7\n\"a\"\n"] {
      try bad.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: ReplayError.self) { try ReplayFile(path, of: ["a"]).read() }
    }
    #expect(throws: ReplayError.self) { try ReplayFile(folder.path, of: []).read() }
    #expect(throws: ReplayError.self) { try ReplayFile("/no/such/f", of: []).write(1) }
  }
}
