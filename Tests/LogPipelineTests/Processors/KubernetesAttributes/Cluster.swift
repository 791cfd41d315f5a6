import Gateway
import Options
import Testing

@testable import LogPipeline

/// A processor with these options, as users write them, and a cluster of which it is told.
struct Cluster {
  let processor: KubernetesAttributesProcessor
  var store: KubernetesStore { processor.store }

  init(_ options: String = "{}") throws {
    processor = try #require(try madeProcessor("k8s_attributes", options) as? KubernetesAttributesProcessor)
  }

  func put(_ json: String, _ kind: KubernetesKind = .pod, at now: Duration = .zero) throws {
    store.apply([.put(try object(json))], of: kind, at: now)
  }

  func delete(_ json: String, _ kind: KubernetesKind = .pod, at now: Duration = .zero) throws {
    store.apply([.delete(try object(json))], of: kind, at: now)
  }

  /// The attributes of a resource that is sent from an address, once it is processed.
  func resource(_ pairs: (String, Message)..., from address: String = "10.0.0.1") throws -> [Readable.Pair] {
    var batch = try LogBatch.decoded(resource: attributes(1, pairs), record())
    var request = RequestContext(clientAddress: address, monotonicNano: 1)
    processor.process(&batch, of: &request)
    return batch.readable(batch.resources[0].attributes)
  }

  /// The name of the pod that a resource gets.
  func pod(_ pairs: (String, Message)..., from address: String = "10.0.0.1") throws -> Readable? {
    var batch = try LogBatch.decoded(resource: attributes(1, pairs), record())
    var request = RequestContext(clientAddress: address, monotonicNano: 1)
    processor.process(&batch, of: &request)
    return batch.readable(batch.resources[0].attributes).first { $0.key == "k8s.pod.name" }?.value
  }
}

/// An object of the API.
func object(_ json: String) throws -> KubernetesObject {
  try #require(KubernetesObject(parsing: Array(json.utf8)))
}

/// A pod of the namespace `shop`; `more` is added to its metadata, each member with a comma before it.
func podJSON(
  _ name: String, _ address: String, started: Int = 0, more: String = "", spec: String = "", phase: String = "Running"
) -> String {
  """
  {"metadata":{"name":"\(name)","namespace":"shop","uid":"uid-\(name)","creationTimestamp":"2026-01-31T09:00:00Z",
  "labels":{"app":"\(name)"},"resourceVersion":"7"\(more)},"spec":{"nodeName":"node-a"\(spec)},
  "status":{"phase":"\(phase)","startTime":"2026-01-31T09:00:0\(started)Z","podIP":"\(address)",
  "podIPs":[{"ip":"\(address)"},{"ip":"fd00::1\(name)"}]}}
  """
}
