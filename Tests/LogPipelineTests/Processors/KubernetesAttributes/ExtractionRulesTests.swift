import Options
import Testing

@testable import LogPipeline

@Suite struct ExtractionRulesTests {
  private func rules(_ extract: String) throws -> ExtractionRules {
    try Cluster("extract: {\(extract)}").processor.store.maker.rules
  }

  private func attributes(_ extract: String, of pod: String) throws -> [String] {
    try rules(extract).attributes(ofPod: try object(pod)).list.map { "\($0.name)=\($0.value)" }
  }

  private func owned(by kind: String, _ name: String) -> String {
    podJSON("x", "10.0.0.1", more: #","ownerReferences":[{"kind":"\#(kind)","name":"\#(name)","uid":"u"}]"#)
  }

  @Test(arguments: [
    ("ReplicaSet", "cart-5d8f7c9b6", "k8s.replicaset", "k8s.deployment.name=cart", "cart"),
    ("ReplicaSet", "cart", "k8s.replicaset", "", "cart"), ("DaemonSet", "agent-1", "k8s.daemonset", "", "agent-1"),
    ("StatefulSet", "db-1", "k8s.statefulset", "", "db-1"), ("Job", "sweep", "k8s.job", "", "sweep"),
    ("Job", "sweep-28123456", "k8s.job", "k8s.cronjob.name=sweep", "sweep"), ("Job", "a-b", "k8s.job", "", "a-b"),
  ])
  func ownersGiveTheirNames(_ kind: String, _ name: String, _ prefix: String, _ maker: String, _ service: String) throws
  {
    let all =
      "metadata: [k8s.replicaset.name, k8s.replicaset.uid, k8s.deployment.name, k8s.daemonset.name, k8s.daemonset.uid, "
      + "k8s.statefulset.name, k8s.statefulset.uid, k8s.job.name, k8s.job.uid, k8s.cronjob.name, service.name]"
    let found = try attributes(all, of: owned(by: kind, name))
    let expected = ["service.name=\(service)", "\(prefix).name=\(name)", "\(prefix).uid=u", maker]
    #expect(Set(found) == Set(expected.filter { !$0.isEmpty }))
    #expect(try attributes(all, of: owned(by: "Other", name)) == ["service.name=x"])
  }

  @Test func aServiceIsNamedByLabelsBeforeOwners() throws {
    let labels = #""app.kubernetes.io/name":"n","app.kubernetes.io/version":"3""#
    let metadata = "metadata: [service.name, service.namespace, service.version], otel_annotations: true"
    func found(_ more: String) throws -> [String] {
      try attributes(metadata, of: #"{"metadata":{"name":"p","namespace":"s","labels":{\#(labels)\#(more)"#)
    }
    #expect(try found("}}}") == ["service.namespace=s", "service.name=n", "service.version=3"])
    #expect(try found(#","app.kubernetes.io/instance":"i"}}}"#).contains("service.name=i"))
    let annotation = #"},"annotations":{"resource.opentelemetry.io/service.name":"a"}}}"#
    #expect(try found(annotation).contains("service.name=a"))
  }

  @Test func labelsAndAnnotationsBecomeAttributes() throws {
    let pod = #"{"metadata":{"labels":{"a":"1","app/b":"2","e":""},"annotations":{"a":"3"}}}"#
    let none = "metadata: [], "
    #expect(try attributes(none + "labels: [{key: a}]", of: pod) == ["k8s.pod.labels.a=1"])
    #expect(try attributes(none + "labels: [{key: a, tag_name: t}, {key: no}, {key: e}]", of: pod) == ["t=1"])
    #expect(
      try attributes(none + "annotations: [{key: a}], labels: [{key: a, tag_name: k8s.pod.annotations.a}]", of: pod)
        == ["k8s.pod.annotations.a=3"])
    #expect(
      try attributes(none + "labels: [{key_regex: '.*'}]", of: pod) == ["k8s.pod.labels.a=1", "k8s.pod.labels.app/b=2"])
    #expect(try attributes(none + "labels: [{key_regex: 'app'}]", of: pod) == [])
    #expect(
      try attributes(none + "labels: [{key_regex: '(app)/(.)', tag_name: '$2-$${1}-$$$$-$3-$x'}]", of: pod)
        == ["b-app-$$--$x=2"])
    #expect(try attributes(none + "labels: [{key: a, from: node}]", of: pod) == [])
  }

  @Test func valuesHaveTheLimitAndNoMore() throws {
    let cluster = try Cluster("{max_value_size: 3, extract: {metadata: [], labels: [{key_regex: '.*'}]}}")
    let pod = try object(#"{"metadata":{"labels":{"a":"123","b":"1234"}}}"#)
    #expect(cluster.store.maker.rules.attributes(ofPod: pod).list.map(\.value) == ["123"])
  }

  @Test func attributesHaveTheLimitAndNoMore() throws {
    let cluster = try Cluster("{max_attributes: 2, extract: {metadata: [], labels: [{key_regex: '.*'}]}}")
    let pod = try object(#"{"metadata":{"labels":{"a":"1","b":"2","c":"3"},"name":"x"}}"#)
    #expect(cluster.store.maker.rules.attributes(ofPod: pod).list.map(\.value) == ["1", "2"])
  }

  @Test func onlyWhatIsAskedForIsWatched() throws {
    func kinds(_ extract: String) throws -> [KubernetesKind] { try rules(extract).kinds }
    #expect(try kinds("") == [.pod])
    #expect(try kinds("metadata: [k8s.replicaset.uid, k8s.cronjob.name, service.name]") == [.pod])
    #expect(try kinds("metadata: [k8s.node.uid]") == [.pod, .node])
    #expect(try kinds("metadata: [k8s.cluster.uid]") == [.pod, .namespace])
    #expect(try kinds("metadata: [k8s.deployment.uid]") == [.pod, .replicaset])
    #expect(try kinds("metadata: [k8s.cronjob.uid]") == [.pod, .job])
    #expect(try kinds("deployment_name_from_replicaset: false") == [.pod, .replicaset])
    #expect(try kinds("labels: [{key: a, from: deployment}]") == [.pod, .replicaset, .deployment])
    #expect(try kinds("annotations: [{key: a, from: statefulset}]") == [.pod, .statefulset])
  }

  @Test(arguments: [
    ("nginx", "nginx", "", ""), ("nginx:1.2", "nginx", "1.2", ""), ("r:5000/a/b", "r:5000/a/b", "", ""),
    ("r:5000/a/b:t@sha256:ff", "r:5000/a/b", "t", "sha256:ff"), ("", "", "", ""), ("a@sha256:ff", "a", "", "sha256:ff"),
  ])
  func imagesAreTakenApart(_ text: String, _ repository: String, _ tag: String, _ digest: String) {
    let image = ImageReference(text)
    #expect([image.repository, image.tag, image.digest] == [repository, tag, digest])
  }

  @Test func aDigestIsThatOfAnImageWithAName() {
    #expect(ImageReference.canonical("r/a:1@sha256:ff") == "r/a@sha256:ff")
    #expect(ImageReference.canonical("sha256:ff") == "")
    #expect(ImageReference.canonical("@sha256:ff") == "")
  }
}
