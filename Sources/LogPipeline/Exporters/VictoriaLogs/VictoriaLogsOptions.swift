/// The options of the `victorialogs` exporter that concern what is sent; those of the connection belong to the sender.
///
/// VictoriaLogs may hold a request for `-insert.maxQueueDuration` (1 minute) before it answers that it is busy, so
/// the sender's timeout should be longer than `VictoriaLogsOptions.longestWait`.
package struct VictoriaLogsOptions: Sendable, Equatable {
  /// The ingestion path that is used.
  package enum IngestProtocol: String, Sendable, CaseIterable {
    /// `/insert/jsonline`: the same fields in every version of VictoriaLogs.
    case jsonline
    /// `/insert/opentelemetry/v1/logs`: the cheapest to encode, its fields named by the server.
    case otlp
    /// `/insert/elasticsearch/_bulk`: as `jsonline`, with an answer for each record from newer servers.
    case elasticsearch
  }

  /// A tenant of a cluster or a single node (headers `AccountID` and `ProjectID`).
  package struct Tenant: Sendable, Equatable {
    package var accountID: UInt32
    package var projectID: UInt32

    package init(accountID: UInt32 = 0, projectID: UInt32 = 0) {
      self.accountID = accountID
      self.projectID = projectID
    }
  }

  /// A field that the server adds to every record.
  package struct ExtraField: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// How long the server may take to say that it is busy, by its default.
  package static let longestWait = Duration.seconds(60)

  package var ingestProtocol = IngestProtocol.jsonline
  /// Fields that name a record's stream; few and with few values. Without this list VictoriaLogs takes none over
  /// `jsonline` and every resource attribute over `otlp`. Names include the prefixes below.
  package var streamFields = [
    "service.name", "k8s.namespace.name", "k8s.container.name", "deployment.environment.name",
  ]
  /// Fields that may hold the message, the first that is not empty wins; a body that is not a map is sent as the
  /// first of them.
  package var messageFields = ["_msg"]
  /// The name the time is sent under; not used by `otlp`.
  package var timeField = "_time"
  /// The tenant; nil for the server's default, 0:0.
  package var tenant: Tenant?
  /// Fields that the server adds, over those of the record.
  package var extraFields: [ExtraField] = []
  /// Fields that the server leaves out; `prefix*` stands for all that start so.
  package var ignoreFields: [String] = []
  /// Fields that the server takes terminal colours out of; `prefix*` stands for all that start so.
  package var decolorizeFields: [String] = []
  /// Whether the server only logs the records it gets and does not store them.
  package var debug = false
  /// What stands before the keys of resource attributes.
  package var resourcePrefix = ""
  /// What stands before the keys of record attributes.
  package var attributePrefix = ""
  /// Bytes of the longest record (the server's `-insert.maxLineSizeBytes`).
  package var maxLineBytes = 256 << 10
  /// Fields of the widest record (the server's `-insert.maxFieldsPerLine`).
  package var maxFields = 1000
  /// Bytes of the longest field name, which is fixed in the server.
  package var maxFieldNameBytes = 128
  /// The server's retention: records older than this when received are not sent; nil sends them all.
  package var maxAge: Duration?
  /// Records further in the future than this when received are not sent; fixed in the server.
  package var maxFuture = Duration.seconds(2 * 24 * 60 * 60)

  package init() {}

  /// Path and query of the requests; arguments win over headers at the server.
  var path: String {
    let path =
      switch ingestProtocol {
      case .jsonline: "/insert/jsonline"
      case .otlp: "/insert/opentelemetry/v1/logs"
      case .elasticsearch: "/insert/elasticsearch/_bulk"
      }
    let query = arguments.filter { !$0.value.isEmpty }.map { "\($0.name)=\($0.value)" }
    return query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
  }

  private var arguments: [(name: String, value: String)] {
    [
      ("_time_field", ingestProtocol == .otlp ? "" : PercentEncoding.encode(timeField)),
      ("_msg_field", list(messageFields)),
      ("_stream_fields", list(streamFields)),
      ("ignore_fields", list(ignoreFields)),
      ("decolorize_fields", list(decolorizeFields)),
      ("extra_fields", list(extraFields.map { "\($0.name)=\($0.value)" })),
      ("debug", debug ? "1" : ""),
    ]
  }

  private func list(_ names: [String]) -> String {
    names.filter { !$0.isEmpty }.map(PercentEncoding.encode).joined(separator: ",")
  }

  /// The fields that `jsonline` and `elasticsearch` records are sent as.
  var layout: FlatLayout {
    var layout = FlatLayout()
    if ingestProtocol == .elasticsearch { layout.lead = Array("{\"create\":{}}\n".utf8) }
    layout.timeField = timeField
    layout.messageField = messageFields.first ?? "_msg"
    layout.resourcePrefix = resourcePrefix
    layout.attributePrefix = attributePrefix
    layout.maxLineBytes = maxLineBytes
    layout.maxFields = maxFields
    layout.maxFieldNameBytes = maxFieldNameBytes
    return layout
  }
}

/// Percent-encoding of a query argument's value (RFC 3986 section 2).
enum PercentEncoding {
  /// The text with all but unreserved characters encoded.
  static func encode(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return result
  }
}
