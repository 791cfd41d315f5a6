/// The options of the `victorialogs` exporter that concern what is sent; those of the connection belong to the sender.
///
/// VictoriaLogs may hold a request for `-insert.maxQueueDuration` (1 minute) before it answers that it is busy, so
/// the sender's timeout should be longer than `VictoriaLogsOptions.longestWait`.
package struct VictoriaLogsOptions: Sendable, Equatable {
  /// The ingestion path that is used.
  package enum IngestProtocol: String, Sendable, CaseIterable {
    /// `/insert/elasticsearch/_bulk`: the same fields in every version of VictoriaLogs, and an answer that counts the
    /// records.
    case elasticsearch
    /// `/insert/jsonline`: the same fields; 200 proves nothing, as a server without a free slot answers so too.
    case jsonline
    /// `/insert/opentelemetry/v1/logs`: the cheapest to encode, its fields named by the server, which leaves out some.
    case otlp
  }

  /// A tenant of a cluster or a single node (headers `AccountID` and `ProjectID`).
  package struct Tenant: Sendable, Equatable {
    package var accountID: UInt32
    package var projectID: UInt32

    package init(accountID: UInt32 = 0, projectID: UInt32 = 0) {
      self.accountID = accountID
      self.projectID = projectID
    }

    /// The header fields that name it.
    var headers: [DialectRoute.Header] {
      [DialectRoute.Header("AccountID", "\(accountID)"), DialectRoute.Header("ProjectID", "\(projectID)")]
    }
  }

  /// The tenant here of a tenant of that name.
  package struct ListedTenant: Sendable, Equatable {
    package var name: String
    package var tenant: Tenant

    package init(_ name: String, _ tenant: Tenant) {
      self.name = name
      self.tenant = tenant
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

  package var ingestProtocol = IngestProtocol.elasticsearch
  /// Fields that name a record's stream: few, and together one for each instance of an application, so that the
  /// records around one are its own. Without this list VictoriaLogs takes none over lines and every resource attribute
  /// over `otlp`. Names include the prefixes below.
  package var streamFields = Self.defaultStreamFields
  package static let defaultStreamFields = [
    "service.name", "k8s.namespace.name", "k8s.container.name", "deployment.environment.name", "k8s.pod.name",
    "service.instance.id",
  ]
  /// Fields that may hold the message, the first that is not empty wins; a body that is not a map is sent as the
  /// first of them.
  package var messageFields = ["_msg"]
  /// The name the time is sent under; not used by `otlp`.
  package var timeField = "_time"
  /// The tenant of all records, or of those that `tenants` does not name; nil for the server's default, 0:0.
  package var tenant: Tenant?
  /// The tenants of records whose tenant is known by its name. If there are any, requests hold one tenant's records.
  package var tenants: [ListedTenant] = []
  /// The most that may be listed.
  package static let maxTenants = 10_000
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
  /// The server's `-insert.maxLineSizeBytes`; a line has to be shorter. Not for `otlp`.
  package var maxLineBytes = 256 << 10
  /// Fields of the widest record (the server's `-insert.maxFieldsPerLine`).
  package var maxFields = 1000
  /// Bytes of the longest field name, which is fixed in the server.
  package var maxFieldNameBytes = 128
  /// Levels of nested maps that become fields of their own.
  package var flattenDepth = FlatLayout.maxDepth
  /// Different field names of one stream, of which the server takes 2,000 in a block together with those of a record.
  package var maxFieldNames = 1000
  /// The server's retention: records older than this when received are not sent; 0 sends them all.
  package var maxAge = Duration.seconds(7 * 24 * 60 * 60)
  /// Records further in the future than this when received are not sent; fixed in the server.
  package var maxFuture = Duration.seconds(2 * 24 * 60 * 60)

  /// Names of a block with the fields of a record that is to join it, which are fixed in the server.
  static let maxBlockNames = 2000
  /// Bytes of the longest row, which are fixed in the server.
  static let maxRowBytes = 2 << 20
  /// Bytes that a row of the most fields takes beyond its line, since the server counts quotes around numbers too.
  static let rowSlackBytes = 8 << 10

  package init() {}

  /// Names that no attribute may have: the server's own, and the one that the time is sent under.
  var reservedNames: [[UInt8]] {
    FlatLayout.reservedNames.map { Array("\($0)".utf8) } + (timeField == "_time" ? [] : [Array(timeField.utf8)])
  }

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

  /// The header fields by tenant; nil if the records of all tenants go together.
  var tenantList: TenantList? {
    if tenants.isEmpty { return nil }
    return TenantList(tenants.map { ($0.name, $0.tenant.headers) }, others: tenant?.headers ?? [])
  }

  /// The fields that `jsonline` and `elasticsearch` records are sent as.
  var layout: FlatLayout {
    var layout = FlatLayout()
    if ingestProtocol == .elasticsearch { layout.lead = Array("{\"create\":{}}\n".utf8) }
    layout.timeField = timeField
    layout.messageField = messageFields.first ?? "_msg"
    layout.resourcePrefix = resourcePrefix
    layout.attributePrefix = attributePrefix
    layout.maxLineBytes = min(maxLineBytes - 1, Self.maxRowBytes - Self.rowSlackBytes)
    layout.maxFields = maxFields
    layout.maxFieldNameBytes = maxFieldNameBytes
    layout.flattenDepth = flattenDepth
    layout.reserved = reservedNames
    layout.streamNames = streamFields.map { name in Array(name.utf8).withUnsafeBytes { Fingerprint.of($0) } }
    return layout
  }

  /// The fields that the server makes of `otlp` records.
  var rowLayout: FlatLayout {
    var layout = layout
    layout.messageField = "_msg"
    let own = ["severity", "severity_text", "severity_number", "scope.name", "scope.version"]
    layout.reserved += own.map { Array($0.utf8) }
    layout.reservedPrefix = LineFields.scopePrefix.withUTF8Buffer { Array($0) }
    layout.maxLineBytes = .max
    layout.isForRows = true
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
