import LogPipeline
import NIOPosix
import Testing

@testable import Gateway

@Suite struct KubernetesWatcherTests {
  private func watcher(_ processor: KubernetesAttributesProcessor, _ log: LogCapture = LogCapture()) throws
    -> KubernetesWatcher?
  {
    try KubernetesWatcher(of: processor, group: MultiThreadedEventLoopGroup.singleton, logger: log.logger)
  }

  private func wait(_ isDone: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while !isDone(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
    #expect(isDone())
  }

  private static let empty = #"{"metadata":{"resourceVersion":"4"},"items":[]}"#

  @Test func aProcessorThatPassesThroughHasNone() throws {
    #expect(try watcher(madeKubernetesProcessor("passthrough: true")) == nil)
  }

  @Test func aNodeThatIsNotNamedIsNoReasonToWatchAll() throws {
    #expect(throws: GatewayError.self) {
      try watcher(madeKubernetesProcessor("filter: {node_from_env_var: NO_SUCH_VARIABLE}"))
    }
  }

  @Test func itIsSyncedOnceEveryKindHasBeenListed() async throws {
    let server = try await FakeAPIServer.start { asked in
      if asked.path.contains("nodes") { return (403, #"{"message":"no nodes"}"#) }
      return asked.path.contains("watch=1") ? (200, "") : (200, Self.empty)
    }
    let log = LogCapture()
    let watcher = try #require(try watcher(server.processor("extract: {metadata: [k8s.node.uid]}"), log))
    watcher.start()
    watcher.start()
    try await wait { watcher.failing != nil && server.asked.contains { $0.path.contains("pods") } }
    #expect(!watcher.isSynced)
    #expect(watcher.readiness.failing?.error == "the API server answers 403: no nodes")
    try await wait { !log.lines.isEmpty }
    #expect(log.lines[0].fields["kind"] == "node")
    await watcher.stop()
    await server.stop()
  }

  @Test func aWatcherThatIsStoppedAsksNoMore() async throws {
    let server = try await FakeAPIServer.start { asked in
      asked.path.contains("watch=1") ? (200, "") : (200, Self.empty)
    }
    let log = LogCapture()
    let watcher = try #require(try watcher(server.processor(), log))
    watcher.start()
    try await wait { watcher.isSynced }
    #expect(watcher.failing == nil)
    #expect(log.lines.isEmpty)
    await watcher.stop()
    let asked = server.asked.count
    try await Task.sleep(for: .milliseconds(700))
    #expect(server.asked.count == asked)
    await server.stop()
  }
}
