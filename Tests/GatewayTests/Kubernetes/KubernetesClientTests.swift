import LogPipeline
import NIOPosix
import Testing

@testable import Gateway

@Suite struct KubernetesClientTests {
  /// What a client gets of a path, or why not.
  private func got(_ path: String, _ processor: KubernetesAttributesProcessor) async -> String {
    var client = KubernetesClient(processor.options, group: MultiThreadedEventLoopGroup.singleton)
    var body: [UInt8] = []
    var result = ""
    do {
      try await client.get(path, accept: "application/json") { body += $0 }
      result = String(decoding: body, as: UTF8.self)
    } catch let failure as KubernetesFailure {
      result = "\(failure.isExpired ? "expired: " : "")\(failure.reason)"
    } catch {
      result = "\(error)"
    }
    await client.close()
    return result
  }

  @Test func anAnswerComesWhole() async throws {
    let text = String(repeating: "a", count: 300_000)
    let server = try await FakeAPIServer.start { _ in (200, text) }
    #expect(await got("/api", try server.processor()) == text)
    #expect(server.asked.map(\.token) == [nil])
    await server.stop()
  }

  @Test func anotherStatusIsAFailureWithTheServersWords() async throws {
    let server = try await FakeAPIServer.start { asked in
      switch asked.path {
      case "/403": (403, #"{"kind":"Status","message":"pods is forbidden\n: \"x\"","code":403}"#)
      case "/410": (410, "{}")
      case "/long": (500, String(repeating: "a", count: 200_000))
      default: (302, "<html>")
      }
    }
    let processor = try server.processor()
    #expect(await got("/403", processor).hasPrefix("the API server answers 403: pods is forbidden"))
    #expect(await !got("/403", processor).contains("\n"))
    #expect(await got("/410", processor) == "expired: the API server answers 410")
    #expect(await got("/long", processor) == "the API server answers 500")
    #expect(await got("/other", processor) == "the API server answers 302")
    await server.stop()
  }

  @Test func whatIsMissingIsTold() async throws {
    let folder = try TemporaryFolder()
    let none = "\(folder.path)/none"
    func told(_ options: String) async throws -> String { await got("/", try madeKubernetesProcessor(options)) }
    #expect(
      try await told("auth_type: none")
        == "api_server is not given, and the environment has no KUBERNETES_SERVICE_HOST and _PORT: is this a pod?")
    #expect(
      try await told("api_server: \"https://127.0.0.1:1\", token_file: \(none), ca_file: \(none)")
        == "tls: \(none): No such file or directory")
    let refused = try await told("auth_type: none, api_server: \"http://127.0.0.1:1\"")
    #expect(refused == "127.0.0.1:1: Connection refused")
  }
}
