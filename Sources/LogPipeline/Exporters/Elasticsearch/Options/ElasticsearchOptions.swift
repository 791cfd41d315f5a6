/// How records become Elasticsearch documents; names and defaults as the Collector's `elasticsearch` exporter.
package struct ElasticsearchOptions: Sendable, Equatable {
  /// The shape of documents (`mapping::mode`).
  package enum MappingMode: String, Sendable, CaseIterable {
    /// The shape of Elasticsearch's built-in `logs-*.otel-*` templates.
    case otel
    /// Elastic Common Schema: nested objects under ECS names.
    case ecs
    /// Flat dotted keys under `Attributes.`, `Resource.` and `Scope.`.
    case none
    /// As `none`, with record attributes at the top.
    case raw
    /// The body itself, which must be a map.
    case bodymap
  }

  /// What becomes of an array that Elasticsearch rejects, with its record, since one name in it is both a scalar and an
  /// object.
  package enum Conflicts: String, Sendable, CaseIterable {
    /// It is written as it is.
    case keep
    /// It is written as one string, its JSON text.
    case stringify
  }

  /// Where documents get their `_id` from.
  ///
  /// With an own id a record that is sent again meets itself: Elasticsearch answers 409, and it counts as a duplicate
  /// rather than being stored twice. That holds within one index: not across the rollover of a data stream or the
  /// dates of `logstash_format`. Elasticsearch indexes documents with own ids a little slower.
  package enum DocumentIDSource: String, Sendable, CaseIterable {
    /// Elasticsearch makes one up for each document, so a retry after a lost answer stores records twice.
    case none
    /// The hash of the request's bytes after decompression, and the record's index in it. A retry of the gateway, of
    /// the client or through another replica gets the same ids as long as the request's bytes are the same. A client
    /// that batches its records anew before it tries again sends other requests, whose records are stored again; so
    /// does one that turns from protobuf to JSON. Two senders that send the same bytes, times included, are one.
    case request
    /// The record attribute `elasticsearch.document_id`; records without it get none (`logs_dynamic_id::enabled`).
    case attribute
  }

  /// An index name that ends in the date of now (`logstash_format`).
  package struct LogstashFormat: Sendable, Equatable {
    package var enabled = false
    /// Stands between index and date.
    package var prefixSeparator = "-"
    /// `strftime` conversions; `DatePattern` lists them.
    package var dateFormat = "%Y.%m.%d"

    package init() {}
  }

  package var mappingMode = MappingMode.otel
  /// What becomes of arrays that no mapping takes (`mapping::conflicts`).
  package var conflicts = Conflicts.keep
  /// A fixed index or data stream; empty routes by attributes (`logs_index`).
  package var logsIndex = ""
  /// Lets routing attributes win over `logs_index` (`logs_dynamic_index::enabled`).
  package var logsDynamicIndexEnabled = false
  /// Where `_id` comes from (`document_id`).
  package var documentID = DocumentIDSource.none
  /// Takes the ingest pipeline from the record attribute `elasticsearch.ingest_pipeline`
  /// (`logs_dynamic_pipeline::enabled`).
  package var logsDynamicPipelineEnabled = false
  /// The ingest pipeline of all records; empty for none (`pipeline`).
  package var pipeline = ""
  package var logstashFormat = LogstashFormat()
  /// Whether errors quote the document; nil leaves it to Elasticsearch (`include_source_on_error`).
  package var includeSourceOnError: Bool?
  /// Whether targets must be data streams; nil asks so for each record of `otel` and `ecs` mode that is routed to one
  /// (needs Elasticsearch 8.12), false never, true for all (`require_data_stream`).
  package var requireDataStream: Bool?
  /// `data_stream.dataset` of records that name none (`data_stream::dataset`).
  package var dataset = "generic"
  /// `data_stream.namespace` of records that name none (`data_stream::namespace`).
  package var namespace = "default"
  /// What of the answer is asked for (`bulk_response_filter_path`).
  package var bulkResponseFilterPath =
    "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"
  /// Whether that brings an item for each record, whatever became of it.
  var asksForItems: Bool {
    let everyItem: Set<Substring> = ["", "items", "items.*", "items.**", "items.*.*", "items.*.status", "*", "**"]
    return bulkResponseFilterPath.isEmpty
      || bulkResponseFilterPath.split(separator: ",").contains(where: everyItem.contains)
  }
  /// The longest flattened field name in `ecs`, `none` and `raw` mode; Lucene takes no longer term
  /// (`max_field_name`).
  package var maxFieldNameBytes = 32_766
  /// Bytes of all flattened field names of a record, of its scope and of its resource, each
  /// (`max_field_names`).
  package var maxFieldNamesBytes = 8 << 20

  package init() {}
}

/// Why options cannot be used.
package enum ElasticsearchOptionError: Error, Sendable, Equatable {
  /// `logstash_format::date_format` has a conversion that is not known.
  case unknownDateConversion(String)

  package var message: String {
    switch self {
    case .unknownDateConversion(let conversion):
      "logstash_format::date_format: unknown conversion \(conversion), known are \(DatePattern.known)"
    }
  }
}
