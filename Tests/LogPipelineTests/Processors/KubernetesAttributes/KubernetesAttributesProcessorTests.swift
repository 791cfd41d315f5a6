import LogPipeline
import Testing

@Suite struct KubernetesAttributesProcessorTests {
  @Test func addsWhatIsKnownOfTheConnectionsPod() throws {
    let cluster = try Cluster()
    try cluster.put(podJSON("cart", "10.0.0.1"))
    #expect(
      try cluster.resource(("a", .text("b"))) == [
        .init("a", "b"), .init("k8s.pod.ip", "10.0.0.1"), .init("k8s.namespace.name", "shop"),
        .init("k8s.pod.name", "cart"), .init("k8s.pod.uid", "uid-cart"),
        .init("k8s.pod.start_time", "2026-01-31T09:00:00Z"), .init("k8s.node.name", "node-a"),
      ])
    #expect(try cluster.resource(from: "10.0.0.2") == [.init("k8s.pod.ip", "10.0.0.2")])
    #expect(try cluster.resource(from: "") == [])
    #expect(cluster.processor.associated.value == 1)
    #expect(cluster.processor.unassociated.value == 2)
  }

  @Test func anIPv4AddressInIPv6IsTheSame() throws {
    let cluster = try Cluster()
    try cluster.put(podJSON("cart", "10.0.0.1"))
    #expect(try cluster.pod(from: "::ffff:10.0.0.1") == "cart")
    #expect(try cluster.resource(from: "::ffff:10.0.0.9") == [.init("k8s.pod.ip", "10.0.0.9")])
    // Every address of a pod leads to it.
    #expect(try cluster.pod(from: "fd00::1cart") == "cart")
  }

  @Test func whatAResourceSaysStaysUnlessItIsEmpty() throws {
    let cluster = try Cluster("extract: {metadata: [k8s.pod.name, k8s.node.name]}")
    try cluster.put(podJSON("cart", "10.0.0.1"))
    #expect(
      try cluster.resource(("k8s.pod.name", .text("")), ("k8s.node.name", .integer(3))) == [
        .init("k8s.pod.name", "cart"), .init("k8s.node.name", 3), .init("k8s.pod.ip", "10.0.0.1"),
      ])
  }

  /// Without associations: attributes with an address, then the connection, then a host name that is an address.
  @Test func theStandardAssociationsComeInTheirOrder() throws {
    let cluster = try Cluster()
    try cluster.put(podJSON("one", "10.0.0.1"))
    try cluster.put(podJSON("two", "10.0.0.2"))
    try cluster.put(podJSON("three", "10.0.0.3"))
    #expect(try cluster.pod(("k8s.pod.ip", .text("10.0.0.2")), ("ip", .text("10.0.0.3"))) == "two")
    #expect(try cluster.pod(("ip", .text("10.0.0.3"))) == "three")
    #expect(try cluster.pod(("host.name", .text("10.0.0.3"))) == "one")
    #expect(try cluster.pod(("host.name", .text("10.0.0.3")), from: "") == "three")
    #expect(try cluster.pod(("host.name", .text("node-a")), from: "") == nil)
    #expect(try cluster.pod(("k8s.pod.ip", .integer(1)), from: "10.0.0.2") == "two")
  }

  @Test func allSourcesOfAnAssociationHaveToBeThere() throws {
    let cluster = try Cluster(
      """
      pod_association:
        - sources:
            - {from: resource_attribute, name: k8s.pod.name}
            - {from: resource_attribute, name: k8s.namespace.name}
        - sources: [{from: resource_attribute, name: k8s.pod.uid}]
        - sources: [{from: resource_attribute, name: k8s.pod.labels.app}]
        - sources: [{from: connection}, {from: resource_attribute, name: k8s.node.name}]
      extract: {labels: [{key: app}], metadata: [k8s.pod.start_time, k8s.node.name]}
      """)
    try cluster.put(podJSON("cart", "10.0.0.1"))
    func isFound(_ pairs: (String, Message)...) throws -> Bool {
      var batch = try LogBatch.decoded(resource: attributes(1, pairs), record())
      var request = RequestContext(clientAddress: "10.0.0.1", monotonicNano: 1)
      cluster.processor.process(&batch, of: &request)
      return batch.readable(batch.resources[0].attributes).contains { $0.key == "k8s.pod.start_time" }
    }
    #expect(try isFound(("k8s.pod.name", .text("cart")), ("k8s.namespace.name", .text("shop"))))
    #expect(try !isFound(("k8s.pod.name", .text("cart")), ("k8s.namespace.name", .text("other"))))
    #expect(try !isFound(("k8s.pod.name", .text("cart"))))
    #expect(try isFound(("k8s.pod.name", .text("cart")), ("k8s.pod.uid", .text("uid-cart"))))
    #expect(try isFound(("k8s.pod.labels.app", .text("cart"))))
    #expect(try isFound(("k8s.node.name", .text("node-a"))))
    #expect(try !isFound(("k8s.node.name", .text("node-b"))))
    // The first that can be looked up decides, whether it is found or not.
    #expect(try !isFound(("k8s.pod.uid", .text("other")), ("k8s.node.name", .text("node-a"))))
    // Values of other sources are not the same value.
    #expect(try !isFound(("k8s.pod.uid", .text("cart"))))
  }

  @Test func aContainerIsTheOneThatIsNamedOrTheOnlyOne() throws {
    let cluster = try Cluster("extract: {metadata: [k8s.container.name, container.image.tag]}")
    func tag(_ pairs: (String, Message)..., from address: String) throws -> Readable? {
      var batch = try LogBatch.decoded(resource: attributes(1, pairs), record())
      var request = RequestContext(clientAddress: address, monotonicNano: 1)
      cluster.processor.process(&batch, of: &request)
      return batch.readable(batch.resources[0].attributes).first { $0.key == "container.image.tag" }?.value
    }
    let one = #","containers":[{"name":"a","image":"x:1"}]"#
    let two = #","containers":[{"name":"a","image":"x:1"},{"name":"b","image":"r:5000/y"}]"#
    try cluster.put(podJSON("one", "10.0.0.1", spec: one))
    try cluster.put(podJSON("two", "10.0.0.2", spec: two))
    #expect(try tag(from: "10.0.0.1") == "1")
    #expect(try tag(from: "10.0.0.2") == nil)
    #expect(try tag(("k8s.container.name", .text("b")), from: "10.0.0.2") == "latest")
    #expect(try tag(("k8s.container.name", .text("c")), from: "10.0.0.1") == nil)
  }

  @Test func whatNamespacesNodesAndOwnersSayIsAdded() throws {
    let cluster = try Cluster(
      """
      extract:
        metadata: [k8s.deployment.uid, k8s.node.uid, k8s.cluster.uid]
        labels: [{key: team, from: namespace}, {key: team, from: deployment, tag_name: dep}]
      """)
    let owner = #","ownerReferences":[{"kind":"ReplicaSet","name":"cart-1","uid":"rs"}]"#
    try cluster.put(podJSON("cart", "10.0.0.1", more: owner))
    #expect(try cluster.resource() == [.init("k8s.pod.ip", "10.0.0.1")])
    try cluster.put(#"{"metadata":{"name":"shop","uid":"ns","labels":{"team":"till"}}}"#, .namespace)
    try cluster.put(#"{"metadata":{"name":"kube-system","uid":"cluster"}}"#, .namespace)
    try cluster.put(#"{"metadata":{"name":"node-a","uid":"node"}}"#, .node)
    try cluster.put(
      #"{"metadata":{"name":"cart-1","uid":"rs","ownerReferences":[{"kind":"Deployment","name":"cart","uid":"d"}]}}"#,
      .replicaset)
    try cluster.put(#"{"metadata":{"name":"cart","uid":"d","labels":{"team":"web"}}}"#, .deployment)
    #expect(
      try cluster.resource() == [
        .init("k8s.pod.ip", "10.0.0.1"), .init("k8s.deployment.uid", "d"), .init("dep", "web"),
        .init("k8s.namespace.labels.team", "till"), .init("k8s.node.uid", "node"), .init("k8s.cluster.uid", "cluster"),
      ])
    // Of a pod that is not known what the resource names itself counts.
    #expect(
      try cluster.resource(
        ("k8s.namespace.name", .text("shop")), ("k8s.node.name", .text("node-a")), from: "10.9.9.9"
      ).map(\.key) == [
        "k8s.namespace.name", "k8s.node.name", "k8s.pod.ip", "k8s.namespace.labels.team", "k8s.node.uid",
      ])
  }

  @Test func owningInACircleEnds() throws {
    let cluster = try Cluster("extract: {metadata: [k8s.pod.name], labels: [{key: a, from: deployment}]}")
    let circle = #"{"metadata":{"name":"a","uid":"a","ownerReferences":[{"kind":"ReplicaSet","name":"a","uid":"a"}]}}"#
    try cluster.put(circle, .replicaset)
    let owner = #","ownerReferences":[{"kind":"ReplicaSet","name":"a","uid":"a"}]"#
    try cluster.put(podJSON("cart", "10.0.0.1", more: owner))
    #expect(try cluster.pod() == "cart")
  }

  @Test func passthroughTellsTheAddressOnly() throws {
    let cluster = try Cluster("passthrough: true")
    try cluster.put(podJSON("cart", "10.0.0.1"))
    #expect(try cluster.resource() == [.init("k8s.pod.ip", "10.0.0.1")])
    #expect(cluster.processor.unassociated.value == 0)
  }

  @Test func everyResourceOfABatchIsLookedUp() throws {
    let cluster = try Cluster("extract: {metadata: [k8s.pod.name]}")
    try cluster.put(podJSON("one", "10.0.0.1"))
    try cluster.put(podJSON("two", "10.0.0.2"))
    let sent = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].reduce(Message()) { whole, address in
      whole + .request(resource: resource(("k8s.pod.ip", .text(address))), records: record())
    }
    var batch = try LogBatch.decoded(request: sent)
    cluster.processor.process(&batch)
    #expect(
      batch.resourceAttributes == [
        [.init("k8s.pod.ip", "10.0.0.1"), .init("k8s.pod.name", "one")],
        [.init("k8s.pod.ip", "10.0.0.2"), .init("k8s.pod.name", "two")], [.init("k8s.pod.ip", "10.0.0.3")],
      ])
  }
}
