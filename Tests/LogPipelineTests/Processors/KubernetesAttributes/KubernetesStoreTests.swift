import Testing

@testable import LogPipeline

@Suite struct KubernetesStoreTests {
  @Test func anAddressBelongsToThePodThatWasStartedLast() throws {
    let cluster = try Cluster()
    try cluster.put(podJSON("old", "10.0.0.1", started: 1))
    try cluster.put(podJSON("new", "10.0.0.1", started: 2))
    #expect(try cluster.pod() == "new")
    // News of the old one come late.
    try cluster.put(podJSON("old", "10.0.0.1", started: 1))
    #expect(try cluster.pod() == "new")
    // Of two that were started at once the one that was told last counts.
    try cluster.put(podJSON("same", "10.0.0.1", started: 2))
    #expect(try cluster.pod() == "same")
  }

  @Test func aPodThatIsGoneGivesWayToAnyOther() throws {
    let cluster = try Cluster()
    try cluster.put(podJSON("new", "10.0.0.1", started: 2))
    try cluster.delete(podJSON("new", "10.0.0.1", started: 2))
    #expect(try cluster.pod() == "new")
    try cluster.put(podJSON("old", "10.0.0.1", started: 1))
    #expect(try cluster.pod() == "old")
  }

  @Test func aPodIsKeptForTheGracePeriodAndNoLonger() throws {
    let cluster = try Cluster("pod_delete_grace_period: 10s")
    try cluster.put(podJSON("cart", "10.0.0.1"))
    try cluster.delete(podJSON("cart", "10.0.0.1"), at: .seconds(5))
    try cluster.delete(podJSON("cart", "10.0.0.1"), at: .seconds(14))
    cluster.store.expire(at: .milliseconds(14_999))
    #expect(try cluster.pod() == "cart")
    cluster.store.expire(at: .seconds(15))
    #expect(try cluster.pod() == nil)
    #expect(cluster.store.status.counts[.pod] == .init(added: 1, updated: 0, deleted: 1))
    #expect(cluster.store.status.objects == [.pod: 0])
  }

  @Test func aPodThatComesBackInTimeStays() throws {
    let cluster = try Cluster("pod_delete_grace_period: 10s")
    try cluster.put(podJSON("cart", "10.0.0.1"))
    try cluster.delete(podJSON("cart", "10.0.0.1"))
    try cluster.put(podJSON("cart", "10.0.0.1"))
    cluster.store.expire(at: .seconds(100))
    #expect(try cluster.pod() == "cart")
  }

  @Test func anAddressThatAPodLosesLeadsNowhere() throws {
    let cluster = try Cluster()
    try cluster.put(podJSON("cart", "10.0.0.1"))
    try cluster.put(podJSON("cart", "10.0.0.2"))
    #expect(try cluster.pod() == nil)
    #expect(try cluster.pod(from: "10.0.0.2") == "cart")
    try cluster.put(podJSON("cart", "10.0.0.2", phase: "Failed"))
    #expect(try cluster.pod(from: "10.0.0.2") == nil)
    try cluster.put(podJSON("agent", "10.0.0.3", spec: #","hostNetwork":true"#))
    #expect(try cluster.pod(from: "10.0.0.3") == nil)
  }

  @Test func whatAListDoesNotHaveIsGone() throws {
    let cluster = try Cluster("pod_delete_grace_period: 0s")
    let (one, two, three) = (podJSON("1", "10.0.0.1"), podJSON("2", "10.0.0.2"), podJSON("3", "10.0.0.3"))
    try cluster.put(one)
    try cluster.put(two)
    cluster.store.beginList(of: .pod)
    try cluster.put(two)
    try cluster.put(three)
    #expect(try cluster.pod(from: "10.0.0.1") == "1")
    // A list that is given up takes nothing away.
    cluster.store.beginList(of: .pod)
    try cluster.put(three)
    cluster.store.endList(of: .namespace, at: .zero)
    #expect(try cluster.pod(from: "10.0.0.2") == "2")
    cluster.store.endList(of: .pod, at: .zero)
    #expect(try ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map { try cluster.pod(from: $0) } == [nil, nil, "3"])
    #expect(cluster.store.status.objects == [.pod: 1])
  }

  @Test func noMoreObjectsAreKeptThanTheLimit() throws {
    let cluster = try Cluster("{max_objects: 2, pod_delete_grace_period: 0s}")
    for name in ["1", "2", "3"] { try cluster.put(podJSON(name, "10.0.0.\(name)")) }
    #expect(try ["1", "2", "3"].map { try cluster.pod(from: "10.0.0.\($0)") } == ["1", "2", nil])
    #expect(cluster.store.status.left == 1)
    #expect(cluster.store.status.objects == [.pod: 2])
    // What is known still changes, and room that is free is used.
    try cluster.put(podJSON("2", "10.0.0.9"))
    try cluster.delete(podJSON("1", "10.0.0.1"))
    try cluster.put(podJSON("3", "10.0.0.3"))
    #expect(try ["9", "3"].map { try cluster.pod(from: "10.0.0.\($0)") } == ["2", "3"])
  }

  @Test func podsThatAreExcludedAreNotKept() throws {
    let cluster = try Cluster()
    try cluster.put(podJSON("jaeger-agent-x", "10.0.0.1"))
    try cluster.put(podJSON("cart", "10.0.0.2"))
    let mark = #","annotations":{"opentelemetry.io/k8s-processor/ignore":" True"}"#
    try cluster.put(podJSON("cart", "10.0.0.2", more: mark))
    #expect(try [cluster.pod(), cluster.pod(from: "10.0.0.2")] == [nil, nil])
    #expect(cluster.store.status.objects == [.pod: 0])
    let own = try Cluster("exclude: {pods: [{name: ^cart$}]}")
    try own.put(podJSON("cart", "10.0.0.1"))
    try own.put(podJSON("jaeger-agent-x", "10.0.0.2"))
    #expect(try [own.pod(), own.pod(from: "10.0.0.2")] == [nil, "jaeger-agent-x"])
  }

  /// A table that was taken stays as it is while the store goes on.
  @Test func aTableIsASnapshot() throws {
    let cluster = try Cluster()
    try cluster.put(podJSON("cart", "10.0.0.1"))
    let table = cluster.store.table
    let key = TableKey(KeySpace.pods(0), "10.0.0.1")
    try cluster.put(podJSON("cart", "10.0.0.2"))
    #expect(table[key] != nil)
    #expect(cluster.store.table[key] == nil)
  }

  /// Random events leave what a plain model of them says.
  @Test(arguments: 0..<20) func aModelAgrees(_ seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let cluster = try Cluster("{pod_delete_grace_period: 0s, extract: {metadata: [k8s.pod.name]}}")
    var model: [String: (address: String, started: Int)] = [:]
    for _ in 0..<300 {
      let name = "p\(Int.random(in: 0..<8, using: &random))"
      if Int.random(in: 0..<3, using: &random) == 0 {
        try cluster.delete(podJSON(name, ""))
        model[name] = nil
      } else {
        // An address has one pod at a time, and a pod keeps the time of its start.
        let free = (1...9).map { "10.0.0.\($0)" }.filter { address in
          !model.contains { $0.key != name && $0.value.address == address }
        }
        let address = try #require(free.randomElement(using: &random))
        let started = model[name]?.started ?? Int.random(in: 0..<10, using: &random)
        try cluster.put(podJSON(name, address, started: started))
        model[name] = (address, started)
      }
      for number in 1...9 {
        let expected = model.first { $0.value.address == "10.0.0.\(number)" }?.key
        #expect(try cluster.pod(from: "10.0.0.\(number)") == expected.map { .string($0) })
      }
    }
  }
}

/// Numbers that are the same on every run.
private struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
