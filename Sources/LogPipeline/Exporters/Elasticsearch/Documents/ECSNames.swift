/// The names that attributes get in Elastic Common Schema; others keep theirs.
enum ECSNames {
  struct Rename: Sendable {
    let name: StaticString
    let ecs: StaticString
  }

  /// Attributes of records.
  static let record: [Rename] = [
    Rename(name: "event.name", ecs: "event.action"),
    Rename(name: "exception.message", ecs: "error.message"),
    Rename(name: "exception.stacktrace", ecs: "error.stacktrace"),
    Rename(name: "exception.type", ecs: "error.type"),
    Rename(name: "exception.escaped", ecs: "event.error.exception.handled"),
    Rename(name: "http.response.body.size", ecs: "http.response.encoded_body_size"),
  ]

  /// Attributes of resources. `host.name` is kept beside its new name.
  static let resource: [Rename] = [
    Rename(name: "service.instance.id", ecs: "service.node.name"),
    Rename(name: "deployment.environment", ecs: "service.environment"),
    Rename(name: "deployment.environment.name", ecs: "service.environment"),
    Rename(name: "cloud.platform", ecs: "cloud.service.name"),
    Rename(name: "container.image.tags", ecs: "container.image.tag"),
    Rename(name: "host.name", ecs: "host.hostname"),
    Rename(name: "host.arch", ecs: "host.architecture"),
    Rename(name: "process.parent_pid", ecs: "process.parent.pid"),
    Rename(name: "process.executable.name", ecs: "process.title"),
    Rename(name: "process.executable.path", ecs: "process.executable"),
    Rename(name: "process.command_line", ecs: "process.args"),
    Rename(name: "process.runtime.name", ecs: "service.runtime.name"),
    Rename(name: "process.runtime.version", ecs: "service.runtime.version"),
    Rename(name: "os.name", ecs: "host.os.name"),
    Rename(name: "os.type", ecs: "host.os.platform"),
    Rename(name: "os.description", ecs: "host.os.full"),
    Rename(name: "os.version", ecs: "host.os.version"),
    Rename(name: "client.address", ecs: "client.ip"),
    Rename(name: "source.address", ecs: "source.ip"),
    Rename(name: "k8s.deployment.name", ecs: "kubernetes.deployment.name"),
    Rename(name: "k8s.namespace.name", ecs: "kubernetes.namespace"),
    Rename(name: "k8s.node.name", ecs: "kubernetes.node.name"),
    Rename(name: "k8s.pod.name", ecs: "kubernetes.pod.name"),
    Rename(name: "k8s.pod.uid", ecs: "kubernetes.pod.uid"),
    Rename(name: "k8s.job.name", ecs: "kubernetes.job.name"),
    Rename(name: "k8s.cronjob.name", ecs: "kubernetes.cronjob.name"),
    Rename(name: "k8s.statefulset.name", ecs: "kubernetes.statefulset.name"),
    Rename(name: "k8s.replicaset.name", ecs: "kubernetes.replicaset.name"),
    Rename(name: "k8s.daemonset.name", ecs: "kubernetes.daemonset.name"),
    Rename(name: "k8s.container.name", ecs: "kubernetes.container.name"),
    Rename(name: "k8s.cluster.name", ecs: "orchestrator.cluster.name"),
    Rename(name: "faas.instance", ecs: "faas.id"),
    Rename(name: "faas.trigger", ecs: "faas.trigger.type"),
  ]

  /// The name in ECS of an attribute, if it gets another there.
  static func rename(_ key: RawSpan, by renames: [Rename]) -> StaticString? {
    for rename in renames where key.isEqual(to: rename.name) { return rename.ecs }
    return nil
  }

  /// Whether a resource attribute only goes into `agent.name` and `agent.version`.
  static func describesAgent(_ key: RawSpan) -> Bool {
    key.hasPrefix("telemetry.sdk.") || key.hasPrefix("telemetry.distro.")
  }
}

extension RawSpan {
  /// Whether the bytes begin with a constant.
  func hasPrefix(_ text: StaticString) -> Bool {
    byteCount >= text.utf8CodeUnitCount && extracting(first: text.utf8CodeUnitCount).isEqual(to: text)
  }
}
