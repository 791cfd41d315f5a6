/// Where records go, as JSON text ready to copy, all in the byte writer that it was written to.
struct BulkTarget {
  /// `"_index":"logs-generic-default"`, with `,"require_data_stream":true` where that is asked for.
  var index = 0..<0
  /// `{"type":"logs","dataset":"generic","namespace":"default"}`; empty unless the target is a data stream.
  var dataStream = 0..<0
  /// The three values of `dataStream`, quoted.
  var type = 0..<0
  var dataset = 0..<0
  var namespace = 0..<0
}

/// Names the index or data stream of records, from options and routing attributes.
struct BulkTargetWriter: Sendable {
  private let options: ElasticsearchOptions
  private let date: DatePattern
  private let logsIndex: TenantPattern
  private let separator: [UInt8]
  private let defaultDataset: [UInt8]
  private let defaultNamespace: TenantPattern

  init(_ options: ElasticsearchOptions) throws(ElasticsearchOptionError) {
    self.options = options
    date = try DatePattern(options.logstashFormat.dateFormat)
    logsIndex = TenantPattern(options.logsIndex)
    separator = Array(options.logstashFormat.prefixSeparator.utf8)
    defaultDataset = Array(options.dataset.utf8)
    defaultNamespace = TenantPattern(options.namespace)
  }

  /// Whether routing attributes have a say.
  var readsAttributes: Bool { options.logsIndex.isEmpty || options.logsDynamicIndexEnabled }

  /// Writes the target of records with these routing values, in order of precedence: `logs_index` unless attributes
  /// may override it, `elasticsearch.index`, `data_stream.*`, the receiver in the scope's name, the defaults. Where the
  /// namespace is made of the tenant, neither an index nor a namespace that attributes name counts.
  func write(
    _ values: RoutingValues, scopeName: ByteSlice, nowUnixNano: UInt64, _ store: RawSpan, to bytes: inout ByteWriter
  ) -> BulkTarget {
    var target = BulkTarget()
    let isFixed = !options.logsIndex.isEmpty && !(readsAttributes && values.routes)
    if isFixed || !values.index.isEmpty && !defaultNamespace.namesTenant {
      let start = bytes.count
      bytes.append("\"_index\":\"")
      if isFixed {
        logsIndex.append(store.extracting(values.tenant.range), to: &bytes) { text, bytes in
          text.withUnsafeBytes { bytes.appendJSONEscaped($0) }
        }
        appendDate(nowUnixNano, to: &bytes)
      } else {
        store.extracting(values.index.range).withUnsafeBytes { bytes.appendJSONEscaped($0) }
        appendDate(nowUnixNano, to: &bytes)
      }
      bytes.append("\"")
      target.index = start..<bytes.count
      return target
    }
    writeDataStream(values, scopeName: scopeName, store, to: &bytes, in: &target)
    let start = bytes.count
    bytes.append("\"_index\":\"")
    bytes.append(copyOf: inside(target.type))
    bytes.append("-")
    bytes.append(copyOf: inside(target.dataset))
    bytes.append("-")
    bytes.append(copyOf: inside(target.namespace))
    appendDate(nowUnixNano, to: &bytes)
    bytes.append("\"")
    if options.logstashFormat.enabled {
      target.dataStream = 0..<0
    } else if options.requireDataStream == nil && [.otel, .ecs].contains(options.mappingMode) {
      bytes.append(",\"require_data_stream\":true")
    }
    target.index = start..<bytes.count
    return target
  }

  private func inside(_ quoted: Range<Int>) -> Range<Int> { quoted.lowerBound + 1..<quoted.upperBound - 1 }

  private func appendDate(_ nowUnixNano: UInt64, to bytes: inout ByteWriter) {
    guard options.logstashFormat.enabled else { return }
    separator.withUnsafeBytes { bytes.appendJSONEscaped($0) }
    date.append(nowUnixNano, to: &bytes)
  }

  private func writeDataStream(
    _ values: RoutingValues, scopeName: ByteSlice, _ store: RawSpan, to bytes: inout ByteWriter,
    in target: inout BulkTarget
  ) {
    let start = bytes.count
    bytes.append("{\"type\":")
    let isMetrics =
      options.mappingMode == .bodymap && store.extracting(values.type.range).isEqual(to: "metrics")
    target.type = quoted(&bytes) { $0.append(isMetrics ? "metrics" : "logs") }
    bytes.append(",\"dataset\":")
    let dataset = DataStreamName(suffix: options.mappingMode == .otel ? ".otel" : "", keepsDash: false)
    target.dataset = quoted(&bytes) {
      if !values.dataset.isEmpty {
        dataset.append(store.extracting(values.dataset.range), to: &$0)
      } else if let receiver = Self.receiver(in: store.extracting(scopeName.range)) {
        dataset.append(store.extracting(scopeName.range).extracting(receiver), to: &$0)
      } else {
        dataset.append(defaultDataset.span.bytes, to: &$0)
      }
    }
    bytes.append(",\"namespace\":")
    let namespace = DataStreamName(suffix: "", keepsDash: true)
    target.namespace = quoted(&bytes) {
      if defaultNamespace.namesTenant || values.namespace.isEmpty {
        let tenant = store.extracting(values.tenant.range)
        defaultNamespace.append(tenant, to: &$0) { namespace.append($0, to: &$1) }
      } else {
        namespace.append(store.extracting(values.namespace.range), to: &$0)
      }
    }
    bytes.append("}")
    target.dataStream = start..<bytes.count
  }

  private func quoted(_ bytes: inout ByteWriter, _ body: (inout ByteWriter) -> Void) -> Range<Int> {
    let start = bytes.count
    bytes.append("\"")
    body(&bytes)
    bytes.append("\"")
    return start..<bytes.count
  }

  /// The receiver that a scope name such as `…/receiver/hostmetricsreceiver/internal/…` names: the first match of
  /// `/receiver/(\w*receiver)`.
  private static func receiver(in name: RawSpan) -> Range<Int>? {
    let marker: StaticString = "/receiver/"
    let word: StaticString = "receiver"
    var start = 0
    while start &+ marker.utf8CodeUnitCount <= name.byteCount {
      let first = start &+ marker.utf8CodeUnitCount
      guard name.extracting(start..<first).isEqual(to: marker) else {
        start &+= 1
        continue
      }
      var end = first
      while end < name.byteCount, isWordByte(name.unsafeLoad(fromByteOffset: end, as: UInt8.self)) { end &+= 1 }
      let last = end
      while end &- first >= word.utf8CodeUnitCount {
        if name.extracting(first..<end).hasSuffix(word) { return first..<end }
        end &-= 1
      }
      start = max(last &- 1, start &+ 1)
    }
    return nil
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

/// The rules for a dataset or namespace: lower case, no character that index names forbid, at most 100 bytes.
struct DataStreamName {
  /// Stands after the name and counts towards its length.
  var suffix: StaticString
  /// A dataset must not hold a dash, since it ends at one.
  var keepsDash: Bool
  /// The most bytes of the name with its suffix.
  var limitBytes = Self.maxBytes

  static let maxBytes = 100

  /// Appends what the rules leave of a name, cut at a character border.
  func append(_ name: RawSpan, to bytes: inout ByteWriter) {
    let limit = bytes.count + limitBytes - suffix.utf8CodeUnitCount
    var index = 0
    while index < name.byteCount, bytes.count < limit {
      let byte = name.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      if byte < 0x80 {
        bytes.append(ascii(byte))
        index += 1
      } else {
        let length = min(byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2, name.byteCount - index)
        if !appendLowercase(name.extracting(index..<index + length), to: &bytes, limit: limit) { break }
        index += length
      }
    }
    bytes.append(suffix)
  }

  private func ascii(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0..<0x20, 0x7F: return UInt8(ascii: "_")
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): return byte | 0x20
    case UInt8(ascii: "-"): return keepsDash ? byte : UInt8(ascii: "_")
    default:
      let forbidden: StaticString = "\\/*?\"<>| ,#:"
      return forbidden.withUTF8Buffer { $0.contains(byte) } ? UInt8(ascii: "_") : byte
    }
  }

  /// Appends one character beyond ASCII in lower case; false if it passes the limit.
  private func appendLowercase(_ character: RawSpan, to bytes: inout ByteWriter, limit: Int) -> Bool {
    let text = character.withUnsafeBytes { String(decoding: $0, as: UTF8.self).lowercased() }
    guard bytes.count + text.utf8.count <= limit else { return false }
    bytes.append(text: text)
    return true
  }
}
