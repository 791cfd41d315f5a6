/// What an error of a `_bulk` item is about: the record, which will never be taken, or the cluster, which may take it
/// later or once somebody has mended it.
///
/// References: the exceptions' `status()` and texts in Elasticsearch 8.19 and 9.1 (`server/.../rest/RestStatus` of each
/// class; `IngestService`, `TransportBulkAction`, `ShardLimitValidator`, `MetadataCreateDataStreamService`), and
/// "Failure store" of its documentation. What no row names is about the record, unless its status is one of overload.
enum BulkItemError {
  /// An error type, with a text that its reason holds if the type alone does not tell.
  private struct Row {
    let type: String
    var text = ""
    /// What to say of it before the server's own text, with the name that stands in its first brackets.
    var told: Told?
  }

  private struct Told {
    let what: String
    let isPipeline: Bool
  }

  /// Errors of the cluster: kept and sent again.
  private static let ofCluster = [
    // Overload and shards that are not there: 429 and 503 for the most part.
    Row(type: "es_rejected_execution_exception"), Row(type: "circuit_breaking_exception"),
    Row(type: "unavailable_shards_exception"), Row(type: "process_cluster_event_timeout_exception"),
    Row(type: "master_not_discovered_exception"), Row(type: "no_shard_available_action_exception"),
    // Two nodes made the same index at once: 400.
    Row(type: "resource_already_exists_exception"),
    // Credentials without rights, licences: 401 and 403.
    Row(type: "security_exception"),
    // Read-only, flood stage of the disk, no master: 403, 429 and 503.
    Row(type: "cluster_block_exception"),
    // No index and none may be made, or a data stream is required and no template makes one: 404.
    Row(type: "index_not_found_exception", told: Told(what: "index [*] does not exist", isPipeline: false)),
    Row(type: "index_closed_exception", told: Told(what: "index [*] is closed", isPipeline: false)),
    // `cluster.max_shards_per_node` is reached and a new index needs shards: 400.
    Row(type: "validation_exception", text: "shards"), Row(type: "illegal_argument_exception", text: "shards open"),
    // The ingest pipeline that the request, the record or the index names is not there: 400.
    Row(
      type: "illegal_argument_exception", text: "pipeline with id [",
      told: Told(what: "pipeline [*] does not exist", isPipeline: true)),
    // A data stream without a template, an alias without an index to write to: 400.
    Row(
      type: "illegal_argument_exception", text: "index template",
      told: Told(what: "index template for [*] is missing", isPipeline: false)),
    Row(
      type: "illegal_argument_exception", text: "no write index is defined",
      told: Told(what: "alias [*] has no write index", isPipeline: false)),
  ]

  /// The reason if the record itself is at fault, such as `document_parsing_exception`, `mapper_parsing_exception`,
  /// `strict_dynamic_mapping_exception`, `version_conflict_engine_exception` or an `illegal_argument_exception` of a
  /// field; nil if it is to be sent again.
  static func lasting(_ item: BulkItems.Item) -> String? {
    switch item.status {
    case nil, 401, 403, 408, 429, 500, 502, 503, 504: nil
    default: row(of: item) == nil ? item.reason : nil
    }
  }

  /// The reason of an item to be sent again, which names a pipeline, index or template that is missing.
  static func told(_ item: BulkItems.Item, _ names: BulkNames) -> String {
    guard let told = row(of: item)?.told else { return item.reason }
    let name = bracketed(item.error.reason)
    let isKnown = told.isPipeline ? names.isPipelineOurs(name) : names.isIndexOurs(name)
    let what = told.what.split(separator: "[*]", maxSplits: 1, omittingEmptySubsequences: false)
    let shown = isKnown ? "[\(name)]" : "(named by records)"
    return "\(what[0])\(shown)\(what.count > 1 ? what[1] : ""): \(item.reason)"
  }

  private static func row(of item: BulkItems.Item) -> Row? {
    ofCluster.first { $0.type == item.error.type && ($0.text.isEmpty || item.error.reason.contains($0.text)) }
  }

  /// What stands in the first brackets of a text.
  private static func bracketed(_ text: String) -> String {
    guard let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else { return "" }
    return String(text[text.index(after: open)..<close])
  }
}

/// Which names of pipelines and indices are the operator's own, so that the log may hold them. Others may come from
/// attributes of records.
struct BulkNames: Sendable {
  /// The name all records have; nil if attributes of records may give another.
  private var pipeline: String?
  private var arePipelinesOurs = false
  private var index: String?
  private var areIndicesOurs = false

  /// Knows no name.
  init() {}

  init(_ options: ElasticsearchOptions) {
    pipeline = options.pipeline
    arePipelinesOurs = !options.logsDynamicPipelineEnabled
    let suffix = options.mappingMode == .otel ? ".otel" : ""
    index = options.logsIndex.isEmpty ? "logs-\(options.dataset)\(suffix)-\(options.namespace)" : options.logsIndex
    areIndicesOurs = !options.logsIndex.isEmpty && !options.logsDynamicIndexEnabled
  }

  func isPipelineOurs(_ name: String) -> Bool { Self.isName(name) && (arePipelinesOurs || name == pipeline) }
  func isIndexOurs(_ name: String) -> Bool { Self.isName(name) && (areIndicesOurs || name == index) }

  /// Short printable ASCII, without what ends the part of a reason that is logged.
  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
  }
}
