import COTLP
package import Options

/// Random but valid requests of a signal in protobuf, made by the descriptors of libprotobuf-c.
package struct SignalGenerator {
  private var random: SplitMix
  private let signal: Signal
  private var valuesLeft = 0

  package init(_ signal: Signal, seed: UInt64) {
    self.signal = signal
    random = SplitMix(seed: seed)
  }

  /// A request of up to three resources.
  package mutating func request() -> [UInt8] {
    valuesLeft = 60
    return message(signal.descriptor)
  }

  private mutating func message(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in 0..<Int(descriptor.pointee.n_fields) where !random.oneIn(3) {
      let field = descriptor.pointee.fields[index]
      guard field.label == PROTOBUF_C_LABEL_REPEATED else {
        bytes += self.field(field)
        continue
      }
      for _ in 0..<random.below(4) { bytes += self.field(field) }
    }
    return bytes
  }

  /// One field with its tag; lists of numbers are packed or not.
  private mutating func field(_ field: ProtobufCFieldDescriptor) -> [UInt8] {
    let number = UInt64(field.id) << 3
    switch field.type {
    case PROTOBUF_C_TYPE_MESSAGE:
      guard valuesLeft > 0, let descriptor = field.descriptor else { return [] }
      valuesLeft -= 1
      let content = message(descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self))
      return varint(number | 2) + varint(UInt64(content.count)) + content
    case PROTOBUF_C_TYPE_STRING:
      let text = Array(["", "a", "é\n", "\"\\", "service.name", "🦆 \u{1}"][random.below(6)].utf8)
      return varint(number | 2) + varint(UInt64(text.count)) + text
    case PROTOBUF_C_TYPE_BYTES:
      let count = String(cString: field.name).hasSuffix("trace_id") ? 16 : 8
      let octets = (0..<(random.oneIn(4) ? 0 : count)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      return varint(number | 2) + varint(UInt64(octets.count)) + octets
    case PROTOBUF_C_TYPE_DOUBLE: return varint(number | 1) + fixed(double().bitPattern, 8)
    case PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64: return varint(number | 1) + fixed(word(), 8)
    case PROTOBUF_C_TYPE_FIXED32: return varint(number | 5) + fixed(word(), 4)
    case PROTOBUF_C_TYPE_BOOL: return varint(number) + varint(1)
    case PROTOBUF_C_TYPE_ENUM: return varint(number) + varint(UInt64(random.below(7)))
    case PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_SINT32: return varint(number) + varint(word() & 0xFFFF_FFFF)
    case PROTOBUF_C_TYPE_INT32:
      return varint(number) + varint(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: word()))))
    default: return varint(number) + varint(word())
    }
  }

  private mutating func word() -> UInt64 { random.next() >> UInt64(random.below(64)) }

  /// A number that JSON has: NaNs of every kind are one there.
  private mutating func double() -> Double {
    let double = Double(bitPattern: random.next())
    return double.isNaN ? [0.1, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude][random.below(5)] : double
  }

  private func fixed(_ word: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
  }

  private func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(truncatingIfNeeded: rest)]
  }
}

extension Signal {
  /// What libprotobuf-c knows of a request of traces or, for any other signal, of metrics.
  var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
    if self == .traces {
      var request = Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceRequest()
      opentelemetry__proto__collector__trace__v1__export_trace_service_request__init(&request)
      return request.base.descriptor
    }
    var request = Opentelemetry__Proto__Collector__Metrics__V1__ExportMetricsServiceRequest()
    opentelemetry__proto__collector__metrics__v1__export_metrics_service_request__init(&request)
    return request.base.descriptor
  }
}
