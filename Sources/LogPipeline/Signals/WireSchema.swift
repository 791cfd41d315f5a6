import COTLP
package import Options

/// The messages of one signal's requests as a table, made of the descriptors that are generated from `proto/`.
///
/// A field is found by the index of its message and its number; what the schema does not have is unknown.
package struct WireSchema: Sendable {
  /// What a field holds.
  enum Kind: UInt8, Sendable {
    case unknown
    case message, string, bytes, traceID, spanID
    case double, fixed64, sfixed64, fixed32
    case int32, int64, uint32, uint64, sint32, bool, enumeration
  }

  /// What a field that comes counts as, once for each time.
  enum Counted: UInt8, Sendable {
    case nothing, value, resource, scope, item
  }

  /// A field of a message.
  struct Field: Sendable {
    var kind = Kind.unknown
    var counted = Counted.nothing
    var isRepeated = false
    /// Of a message its index; of an enumeration that of its names.
    var index: UInt8 = 0
    /// The numbers of the fields of its oneof as bits, of which the last that comes counts; none for a field alone.
    var oneof: UInt32 = 0
  }

  /// How a field is named.
  struct Name: Sendable {
    /// In lowerCamelCase, as OTLP's JSON has it.
    let json: [UInt8]
    /// In snake_case, as the schema has it.
    let schema: [UInt8]
    let number: Int
  }

  /// A value of an enumeration.
  struct EnumerationValue: Sendable {
    let name: [UInt8]
    let number: Int32
  }

  /// Numbers from this one on are unknown; OTLP has none.
  static let fieldsPerMessage = 32

  /// The fields of every message, `fieldsPerMessage` each; the request comes first.
  private(set) var fields: [Field] = []
  /// The fields that each message has.
  private(set) var names: [[Name]] = []
  private(set) var enumerations: [[EnumerationValue]] = []
  /// The index of `AnyValue`, the one message that may hold itself.
  private(set) var valueMessage = -1

  /// The schema of a signal whose requests are passed on; nil for logs, which are decoded, and for profiles, whose
  /// requests do not concatenate.
  package static func of(_ signal: Signal) -> WireSchema? {
    switch signal {
    case .traces: traces
    case .metrics: metrics
    case .logs, .profiles: nil
    }
  }

  static let logs: WireSchema = {
    var request = Opentelemetry__Proto__Collector__Logs__V1__ExportLogsServiceRequest()
    opentelemetry__proto__collector__logs__v1__export_logs_service_request__init(&request)
    return WireSchema(request.base.descriptor)
  }()

  static let traces: WireSchema = {
    var request = Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceRequest()
    opentelemetry__proto__collector__trace__v1__export_trace_service_request__init(&request)
    return WireSchema(request.base.descriptor)
  }()

  static let metrics: WireSchema = {
    var request = Opentelemetry__Proto__Collector__Metrics__V1__ExportMetricsServiceRequest()
    opentelemetry__proto__collector__metrics__v1__export_metrics_service_request__init(&request)
    return WireSchema(request.base.descriptor)
  }()

  private init(_ request: UnsafePointer<ProtobufCMessageDescriptor>) {
    var known: [UnsafeRawPointer] = []
    _ = add(request, &known)
  }

  /// The index of a message, which is added with all that it holds if it is new.
  private mutating func add(
    _ message: UnsafePointer<ProtobufCMessageDescriptor>, _ known: inout [UnsafeRawPointer]
  ) -> UInt8 {
    if let index = known.firstIndex(of: UnsafeRawPointer(message)) { return UInt8(clamping: index) }
    let index = known.count
    known.append(UnsafeRawPointer(message))
    if String(cString: message.pointee.short_name) == "AnyValue" { valueMessage = index }
    fields += repeatElement(Field(), count: Self.fieldsPerMessage)
    names.append([])
    for place in 0..<Int(message.pointee.n_fields) {
      let descriptor = message.pointee.fields[place]
      let number = Int(descriptor.id)
      guard number < Self.fieldsPerMessage else { continue }
      let name = String(cString: descriptor.name)
      names[index].append(Name(json: Self.jsonName(name), schema: Array(name.utf8), number: number))
      var field = field(descriptor, named: name, of: index, &known)
      field.oneof = Self.oneof(of: descriptor, in: message)
      fields[index * Self.fieldsPerMessage + number] = field
    }
    return UInt8(clamping: index)
  }

  private mutating func field(
    _ descriptor: ProtobufCFieldDescriptor, named name: String, of message: Int, _ known: inout [UnsafeRawPointer]
  ) -> Field {
    var field = Field(kind: Self.kind(descriptor.type, named: name))
    field.isRepeated = descriptor.label == PROTOBUF_C_LABEL_REPEATED
    if field.isRepeated { field.counted = .value }
    guard let pointer = descriptor.descriptor else { return field }
    if field.kind == .enumeration {
      field.index = add(pointer.assumingMemoryBound(to: ProtobufCEnumDescriptor.self))
    } else {
      let inner = pointer.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
      field.index = add(inner, &known)
      if field.isRepeated { field.counted = Self.counted(String(cString: inner.pointee.short_name), in: message) }
    }
    return field
  }

  private static func oneof(
    of field: ProtobufCFieldDescriptor, in message: UnsafePointer<ProtobufCMessageDescriptor>
  ) -> UInt32 {
    let mark = UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue)
    guard field.flags & mark != 0 else { return 0 }
    return (0..<Int(message.pointee.n_fields)).reduce(0) { numbers, place in
      let other = message.pointee.fields[place]
      let isSame = other.flags & mark != 0 && other.quantifier_offset == field.quantifier_offset
      return isSame && other.id < Self.fieldsPerMessage ? numbers | 1 &<< other.id : numbers
    }
  }

  /// What each of a list of messages counts as: the request holds resources, and these scopes.
  private static func counted(_ name: String, in message: Int) -> Counted {
    if message == 0 { return .resource }
    if name == "ScopeSpans" || name == "ScopeMetrics" { return .scope }
    return name == "Span" || name.hasSuffix("DataPoint") ? .item : .value
  }

  private mutating func add(_ enumeration: UnsafePointer<ProtobufCEnumDescriptor>) -> UInt8 {
    enumerations.append(
      (0..<Int(enumeration.pointee.n_values)).map { place in
        let value = enumeration.pointee.values[place]
        return EnumerationValue(name: Array(String(cString: value.name).utf8), number: value.value)
      })
    return UInt8(clamping: enumerations.count - 1)
  }

  private static func kind(_ type: ProtobufCType, named name: String) -> Kind {
    switch type {
    case PROTOBUF_C_TYPE_MESSAGE: .message
    case PROTOBUF_C_TYPE_STRING: .string
    case PROTOBUF_C_TYPE_BYTES:
      name == "trace_id" ? .traceID : name == "span_id" || name == "parent_span_id" ? .spanID : .bytes
    case PROTOBUF_C_TYPE_DOUBLE: .double
    case PROTOBUF_C_TYPE_FIXED64: .fixed64
    case PROTOBUF_C_TYPE_SFIXED64: .sfixed64
    case PROTOBUF_C_TYPE_FIXED32: .fixed32
    case PROTOBUF_C_TYPE_INT32: .int32
    case PROTOBUF_C_TYPE_INT64: .int64
    case PROTOBUF_C_TYPE_UINT32: .uint32
    case PROTOBUF_C_TYPE_UINT64: .uint64
    case PROTOBUF_C_TYPE_SINT32: .sint32
    case PROTOBUF_C_TYPE_BOOL: .bool
    case PROTOBUF_C_TYPE_ENUM: .enumeration
    default: .unknown
    }
  }

  /// A name in lowerCamelCase.
  private static func jsonName(_ name: String) -> [UInt8] {
    var json: [UInt8] = []
    var isUpper = false
    for byte in name.utf8 {
      if byte == UInt8(ascii: "_") {
        isUpper = true
        continue
      }
      json.append(isUpper && byte &- 0x61 < 26 ? byte & 0xDF : byte)
      isUpper = false
    }
    return json
  }
}

extension WireSchema {
  /// Whether some lists are lists of bytes side by side: numbers, but no text and no messages.
  static func isPacked(_ field: Field) -> Bool { field.isRepeated && field.kind.rawValue >= Kind.double.rawValue }

  /// The field of a message by its number.
  func field(_ number: Int, of message: Int) -> Field {
    number < Self.fieldsPerMessage ? fields[message &* Self.fieldsPerMessage &+ number] : Field()
  }
}
