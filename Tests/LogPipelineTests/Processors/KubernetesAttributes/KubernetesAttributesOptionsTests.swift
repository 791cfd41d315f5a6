import Testing

@testable import LogPipeline

@Suite struct KubernetesAttributesOptionsTests {

  @Test func theDefaultsAreTheCollectors() throws {
    let options = try Cluster().processor.options
    #expect(options.authentication == .serviceAccount && options.server == nil)
    #expect(options.tokenFile == "/var/run/secrets/kubernetes.io/serviceaccount/token")
    #expect(options.caFile == "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt")
    #expect(options.waitForMetadata == nil && options.podDeleteGracePeriod == .seconds(120))
    #expect(options.rules.metadata == Set(ExtractionRules.defaultMetadata))
    #expect(options.rules.fields.isEmpty && options.rules.deploymentFromReplicaSet)
    #expect(options.filter.fieldSelector(node: nil) == "" && options.filter.labelSelector == "")
    #expect(options.excluded.map(\.text) == ["jaeger-agent", "jaeger-collector"])
    #expect(try Cluster("wait_for_metadata: true").processor.options.waitForMetadata == .seconds(10))
  }

  @Test func theOlderNameIsTheSame() {
    #expect(processorProblems("k8sattributes", "passthrough: true") == [])
  }

  @Test func filtersAreSelectors() throws {
    let filter = try Cluster(
      """
      filter:
        node: node-1
        namespace: shop
        fields: [{key: status.phase, value: Running}, {key: spec.nodeName, value: x, op: not-equals}]
        labels:
          - {key: a/b.c, value: d}
          - {key: e, value: f, op: not-equals}
          - {key: g, op: exists}
          - {key: h, op: does-not-exist}
      """
    ).processor.options.filter
    #expect(filter.fieldSelector(node: nil) == "status.phase=Running,spec.nodeName!=x,spec.nodeName=node-1")
    #expect(filter.labelSelector == "a/b.c=d,e!=f,g,!h")
    #expect(filter.namespace == "shop")
  }

  @Test(arguments: [
    ("{filter: {namespace: n}, extract: {labels: [{key: a, from: namespace}]}}", "metadata.name=n"),
    ("{extract: {labels: [{key: a, from: namespace}]}}", ""),
    ("{filter: {namespace: n}, extract: {metadata: [k8s.cluster.uid]}}", "metadata.name=kube-system"),
    ("{filter: {namespace: n}, extract: {metadata: [k8s.cluster.uid], labels: [{key: a, from: namespace}]}}", ""),
  ])
  func noMoreNamespacesAreWatchedThanAreAskedFor(_ options: String, _ selector: String) throws {
    #expect(try Cluster(options).processor.options.namespaceSelector == selector)
  }

  @Test(arguments: [
    ("auth_type: kubeConfig", "kubeConfig is not supported by sluice"), ("auth_type: other", "expected"),
    ("api_server: http://a", "has to be https://"), ("max_objects: 0", "from 1 to 1000000"),
    ("max_objects: 1000001", "from 1 to 1000000"), ("max_object_size: 1023", "a size from 1KiB to 64MiB"),
    ("max_value_size: 65536", "a size from"), ("max_attributes: 1001", "from 1 to 1000"),
    ("max_attributes: 0", "from 1 to 1000"), ("extract: {metadata: [k8s.pod.nam]}", "did you mean \"k8s.pod.name\"?"),
    ("extract: {labels: [{}]}", "key or key_regex: required"),
    ("extract: {labels: [{key: a, key_regex: b}]}", "only one of key and key_regex"),
    ("extract: {labels: [{key_regex: '('}]}", "the pattern is refused"),
    ("extract: {labels: [{key: a, from: service}]}", "expected"),
    ("extract: {annotations: [{key: a, regex: b}]}", "not supported by sluice"),
    ("filter: {node: a, node_from_env_var: B}", "only one of node and node_from_env_var"),
    ("filter: {namespace: a/b}", "expected a name"), ("filter: {namespace: ..}", "expected a name"),
    ("filter: {node: A}", "expected a name"), ("filter: {labels: [{key: 'a,b'}]}", "expected a text of letters"),
    ("filter: {labels: [{value: b}]}", "required, but not given"),
    ("filter: {fields: [{key: a, op: exists}]}", "expected"), ("pod_association: [{}]", "sources: required"),
    ("pod_association: [{from: connection}]", "they stand below sources"),
    ("pod_association: [{sources: [{from: resource_attribute}]}]", "name: required"),
    (
      "pod_association: [{sources: [{from: connection}, {from: connection}, {from: connection}, {from: connection}, "
        + "{from: connection}]}]", "found 5: the limit is 4"
    ), ("exclude: {pods: [{name: '['}]}", "the pattern is refused"), ("unknown: 1", "unknown key"),
  ])
  func whatIsWrongIsTold(_ options: String, _ told: String) {
    let problems = processorProblems("k8s_attributes", options)
    #expect(problems.contains { $0.contains(told) }, "\(problems)")
    #expect(problems.allSatisfy { $0.hasPrefix("f.yaml:4:") }, "\(problems)")
  }

  @Test func optionsOfTheCollectorWithoutEffectAreTold() {
    let found = processorProblems(
      "k8s_attributes", "{kube_api_qps: 5, kube_api_burst: 10, watch_sync_period: 5m, context: c}")
    #expect(found.count == 4)
    #expect(found.allSatisfy { $0.contains("has no effect") })
  }
}
