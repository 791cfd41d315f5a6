import LogPipeline
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite struct KubernetesWatchTests {
  private static let pods = #"{"metadata":{"name":"a","namespace":"n","uid":"1","resourceVersion":"5"}}"#

  /// Runs a watch until `isDone`, and gives the failures that it has reported.
  private func run(
    _ kind: KubernetesKind, of processor: KubernetesAttributesProcessor,
    within limits: KubernetesAllowance.Limits? = nil, until isDone: @escaping @Sendable () -> Bool
  ) async throws -> [String] {
    var cluster = KubernetesCluster(processor, node: "node-1", group: MultiThreadedEventLoopGroup.singleton)
    cluster.listLimits = limits ?? cluster.listLimits
    cluster.watchLimits = limits ?? cluster.watchLimits
    let failures = Mutex<[String]>([])
    let task = Task { [cluster] in
      var watch = KubernetesWatch(kind, in: cluster)
      await watch.run { failure in
        if let failure { failures.withLock { $0.append(failure.reason) } }
      } listed: {
      }
    }
    let end = ContinuousClock.now + .seconds(20)
    while !isDone(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
    #expect(isDone())
    task.cancel()
    await task.value
    return failures.withLock { $0 }
  }

  @Test func aListIsFollowedByAWatchFromItsVersion() async throws {
    let server = try await FakeAPIServer.start { asked in
      if asked.path.contains("watch=1") { return (200, #"{"type":"DELETED","object":\#(Self.pods)}"#) }
      if asked.path.contains("continue=") { return (200, #"{"metadata":{"resourceVersion":"4"},"items":[]}"#) }
      return (200, #"{"metadata":{"resourceVersion":"4","continue":"a/=&"},"items":[\#(Self.pods)]}"#)
    }
    let processor = try server.processor("filter: {namespace: n, labels: [{key: a, value: b}]}")
    #expect(try await run(.pod, of: processor) { server.asked.count >= 4 } == [])
    let paths = server.asked.map(\.path)
    let selectors = "labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dnode-1"
    #expect(paths[0] == "/api/v1/namespaces/n/pods?limit=500&\(selectors)")
    #expect(paths[1] == "/api/v1/namespaces/n/pods?limit=500&continue=a%2F%3D%26&\(selectors)")
    #expect(paths[2].hasPrefix("/api/v1/namespaces/n/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds="))
    #expect(paths[2].hasSuffix("&resourceVersion=4&\(selectors)"))
    #expect(paths[3].contains("resourceVersion=5"))
    let counts = try #require(processor.store.status.counts[.pod])
    #expect([counts.added, counts.updated, counts.deleted] == [1, 0, 1])
    await server.stop()
  }

  @Test(arguments: [
    (#"{"type":"ERROR","object":{"code":410}}"#, 200), (#"{"kind":"Status","code":410}"#, 410),
  ])
  func aVersionThatIsGoneIsFollowedByAList(_ body: String, _ status: Int) async throws {
    let server = try await FakeAPIServer.start { asked in
      asked.path.contains("watch=1") ? (status, body) : (200, #"{"metadata":{"resourceVersion":"4"},"items":[]}"#)
    }
    let processor = try server.processor()
    #expect(try await run(.pod, of: processor) { server.asked.count >= 4 } == [])
    #expect(server.asked.prefix(4).map { $0.path.contains("watch=1") } == [false, true, false, true])
    await server.stop()
  }

  @Test(arguments: [
    (#"{"type":"ADDED"}"#, "the answer has an object of another form"), ("x", "the answer is no"),
    (#"{"type":"ERROR","object":{"code":500}}"#, "the watch of pods fails with 500"),
  ])
  func aWatchThatFailsIsToldAndTriedAgain(_ body: String, _ told: String) async throws {
    let server = try await FakeAPIServer.start { asked in
      asked.path.contains("watch=1") ? (200, body) : (200, #"{"metadata":{"resourceVersion":"4"},"items":[]}"#)
    }
    let processor = try server.processor()
    let failures = try await run(.pod, of: processor) { server.asked.count >= 3 }
    #expect(failures.first?.hasPrefix(told) == true)
    #expect(server.asked.dropFirst().prefix(2).allSatisfy { $0.path.contains("resourceVersion=4") })
    await server.stop()
  }

  @Test(arguments: [
    ("{}", "the list of pods is cut short or no list"),
    (
      #"{"metadata":{"resourceVersion":"4"},"items":[{"spec":7},{"spec":8}]}"#,
      "none of the 2 objects in the list of pods has a form that is known"
    ),
    (#"{"metadata":{"resourceVersion":"4"},"items":["#, "the list of pods is cut short or no list"),
  ])
  func whatIsNoListIsToldAndTakesNothingAway(_ body: String, _ told: String) async throws {
    let server = try await FakeAPIServer.start { _ in (200, body) }
    let processor = try server.processor()
    processor.store.apply([.put(try object(Self.pods))], of: .pod, at: .zero)
    let failures = try await run(.pod, of: processor) { server.asked.count >= 2 }
    #expect(failures.first?.hasPrefix(told) == true)
    #expect(processor.store.status.objects == [.pod: 1])
    await server.stop()
  }

  @Test func anObjectOfAnotherFormHoldsUpNoOther() async throws {
    let server = try await FakeAPIServer.start { asked in
      if asked.path.contains("watch=1") { return (200, "") }
      let odd = #"{"spec":7},{"metadata":"x"}"#
      return (200, #"{"metadata":{"resourceVersion":"4"},"items":[{"metadata":[]},\#(Self.pods),\#(odd)]}"#)
    }
    let processor = try server.processor()
    processor.store.apply([.put(try object(#"{"metadata":{"name":"old","uid":"9"}}"#))], of: .pod, at: .zero)
    let cluster = KubernetesCluster(processor, node: nil, group: MultiThreadedEventLoopGroup.singleton)
    let task = Task {
      var watch = KubernetesWatch(.pod, in: cluster)
      await watch.run { _ in
      } listed: {
      }
    }
    let end = ContinuousClock.now + .seconds(20)
    while server.asked.count < 2, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    await task.value
    let counts = try #require(processor.store.status.counts[.pod])
    #expect([counts.added, counts.deleted, cluster.unreadable.value] == [2, 1, 3])
    await server.stop()
  }

  private func object(_ json: String) throws -> KubernetesObject {
    try #require(KubernetesObject(parsing: Array(json.utf8)))
  }

  @Test func aListHasAsManyObjectsAsMayBeAndNoMore() async throws {
    for (limit, told) in [(2, []), (1, ["the list of pods has at least 2 objects after 0 s: the limit is 1"])] {
      let server = try await FakeAPIServer.start { asked in
        if asked.path.contains("watch=1") { return (200, "") }
        let more = asked.path.contains("continue=") ? "" : #","continue":"a""#
        return (200, #"{"metadata":{"resourceVersion":"4"\#(more)},"items":[\#(Self.pods)]}"#)
      }
      let limits = KubernetesAllowance.Limits(objects: limit, bytes: 1 << 20)
      let end = ContinuousClock.now + .seconds(1)
      #expect(try await run(.pod, of: try server.processor(), within: limits) { ContinuousClock.now > end } == told)
      await server.stop()
    }
  }

  @Test func aListHasAsManyPagesAsMayBeAndNoMore() async throws {
    for (limit, told) in [(2, []), (1, ["the list of pods has more pages: the limit is 1"])] {
      let server = try await FakeAPIServer.start { asked in
        if asked.path.contains("watch=1") { return (200, "") }
        let more = asked.path.contains("continue=") ? "" : #","continue":"a""#
        return (200, #"{"metadata":{"resourceVersion":"4"\#(more)},"items":[]}"#)
      }
      var limits = KubernetesAllowance.Limits(objects: 10, bytes: 1 << 20)
      limits.pages = limit
      let end = ContinuousClock.now + .seconds(1)
      #expect(try await run(.pod, of: try server.processor(), within: limits) { ContinuousClock.now > end } == told)
      await server.stop()
    }
  }

  @Test func aListThatDoesNotMoveOnIsGivenUp() async throws {
    let server = try await FakeAPIServer.start { _ in
      (200, #"{"metadata":{"resourceVersion":"4","continue":"a"},"items":[]}"#)
    }
    let end = ContinuousClock.now + .seconds(1)
    let failures = try await run(.pod, of: try server.processor()) { ContinuousClock.now > end }
    #expect(failures == ["the list of pods does not move on: two pages continue alike"])
    #expect(server.asked.count == 2)
    await server.stop()
  }

  /// Bookmarks, or blank lines.
  @Test(arguments: [
    (#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}"#, "4 objects after 0 s: the limit is 3"),
    (String(repeating: "\n", count: 60_000), "60000 bytes after 0 s: the limit is 50000"),
  ])
  func aWatchThatSaysTooMuchIsGivenUpForAWhile(_ piece: String, _ told: String) async throws {
    let server = try await FakeAPIServer.start { asked in
      let body = piece.hasPrefix("{") ? String(repeating: piece, count: 4) : piece
      return asked.path.contains("watch=1") ? (200, body) : (200, #"{"metadata":{"resourceVersion":"4"},"items":[]}"#)
    }
    let limits = KubernetesAllowance.Limits(objects: 3, bytes: 50_000)
    let end = ContinuousClock.now + .seconds(1)
    let failures = try await run(.pod, of: try server.processor(), within: limits) { ContinuousClock.now > end }
    #expect(failures.count == 1 && failures[0].hasSuffix(told), "\(failures)")
    #expect(server.asked.count == 2)
    await server.stop()
  }

  @Test func ofOtherKindsTheMetadataIsAskedFor() async throws {
    let server = try await FakeAPIServer.start { asked in
      (200, asked.path.contains("watch=1") ? "" : #"{"metadata":{"resourceVersion":"4"},"items":[]}"#)
    }
    let processor = try server.processor("extract: {metadata: [k8s.cluster.uid]}")
    _ = try await run(.namespace, of: processor) { server.asked.count >= 2 }
    #expect(server.asked[0].path == "/api/v1/namespaces?limit=500&fieldSelector=metadata.name%3Dkube-system")
    let form = "application/json;as=PartialObjectMetadata"
    #expect(
      server.asked.prefix(2).map(\.accept) == [
        "\(form)List;g=meta.k8s.io;v=v1,application/json", "\(form);g=meta.k8s.io;v=v1,application/json",
      ])
    await server.stop()
  }

  @Test func waitsGrowToTheLongestAndBeginAnew() {
    var backoff = KubernetesBackoff()
    var longest = Duration.milliseconds(500)
    for _ in 0..<10 {
      let wait = backoff.next(atLeast: .zero)
      #expect(wait >= longest / 2 && wait <= longest)
      longest = min(longest * 2, .seconds(30))
    }
    #expect(longest == .seconds(30))
    #expect(backoff.next(atLeast: .seconds(100)) == .seconds(30))
    backoff.reset()
    #expect(backoff.next(atLeast: .zero) <= .milliseconds(500))
    #expect(backoff.next(atLeast: .seconds(5)) == .seconds(5))
  }
}
