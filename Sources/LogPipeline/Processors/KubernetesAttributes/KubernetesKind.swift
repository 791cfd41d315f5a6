/// A kind of object of the Kubernetes API that attributes come from.
package enum KubernetesKind: String, Sendable, CaseIterable {
  case pod, namespace, node, replicaset, deployment, statefulset, daemonset, job

  /// The path of its objects in the API: of one namespace, or of the whole cluster.
  package func path(namespace: String?) -> String {
    let group =
      switch self {
      case .pod, .namespace, .node: "/api/v1"
      case .replicaset, .deployment, .statefulset, .daemonset: "/apis/apps/v1"
      case .job: "/apis/batch/v1"
      }
    guard let namespace, isNamespaced else { return "\(group)/\(rawValue)s" }
    return "\(group)/namespaces/\(namespace)/\(rawValue)s"
  }

  /// Whether its objects live in namespaces.
  package var isNamespaced: Bool { self != .namespace && self != .node }

  /// What owner references call it.
  static func owner(named name: String) -> KubernetesKind? {
    switch name {
    case "ReplicaSet": .replicaset
    case "Deployment": .deployment
    case "StatefulSet": .statefulset
    case "DaemonSet": .daemonset
    case "Job": .job
    default: nil
    }
  }
}
