import Options
import Testing

@testable import LogPipeline

@Suite struct WireSchemaTests {
  private static let schemas = [WireSchema.traces, WireSchema.metrics]

  /// The field of a message that is reached by names from the request on.
  private func field(_ path: String, in schema: WireSchema) throws -> WireSchema.Field {
    var message = 0
    var field = WireSchema.Field()
    for step in path.split(separator: ".") {
      let name = try #require(schema.names[message].first { $0.json == Array(step.utf8) }, "\(path): \(step)")
      field = schema.field(name.number, of: message)
      message = Int(field.index)
    }
    return field
  }

  @Test(arguments: schemas) func everyFieldIsKnownAndHasBothNames(schema: WireSchema) {
    for (message, names) in schema.names.enumerated() {
      #expect(!names.isEmpty)
      for name in names {
        let field = schema.field(name.number, of: message)
        #expect(field.kind != .unknown, "\(String(decoding: name.schema, as: UTF8.self))")
        #expect(!name.json.contains(UInt8(ascii: "_")) && !name.json.isEmpty)
        if field.kind == .message { #expect(Int(field.index) < schema.names.count) }
        if field.kind == .enumeration { #expect(Int(field.index) < schema.enumerations.count) }
      }
      let known = Set(names.map(\.number))
      for number in 0...40 where !known.contains(number) {
        #expect(schema.field(number, of: message).kind == .unknown)
      }
    }
  }

  @Test(arguments: [
    ("resourceSpans", WireSchema.Kind.message, WireSchema.Counted.resource),
    ("resourceSpans.scopeSpans", .message, .scope), ("resourceSpans.scopeSpans.spans", .message, .item),
    ("resourceSpans.scopeSpans.spans.traceId", .traceID, .nothing),
    ("resourceSpans.scopeSpans.spans.parentSpanId", .spanID, .nothing),
    ("resourceSpans.scopeSpans.spans.links.traceId", .traceID, .nothing),
    ("resourceSpans.scopeSpans.spans.flags", .fixed32, .nothing),
    ("resourceSpans.scopeSpans.spans.kind", .enumeration, .nothing),
    ("resourceSpans.scopeSpans.spans.startTimeUnixNano", .fixed64, .nothing),
    ("resourceSpans.scopeSpans.spans.events", .message, .value),
    ("resourceSpans.scopeSpans.spans.attributes", .message, .value),
    ("resourceSpans.scopeSpans.spans.attributes.value.bytesValue", .bytes, .nothing),
    ("resourceSpans.scopeSpans.spans.attributes.value.arrayValue.values", .message, .value),
    ("resourceSpans.scopeSpans.spans.status.code", .enumeration, .nothing),
    ("resourceSpans.resource.entityRefs.idKeys", .string, .value),
  ])
  func tracesAreAsTheSchemaHasThem(_ path: String, _ kind: WireSchema.Kind, _ counted: WireSchema.Counted) throws {
    let field = try field(path, in: .traces)
    #expect(field.kind == kind && field.counted == counted)
  }

  @Test(arguments: [
    ("resourceMetrics", WireSchema.Kind.message, WireSchema.Counted.resource),
    ("resourceMetrics.scopeMetrics", .message, .scope), ("resourceMetrics.scopeMetrics.metrics", .message, .value),
    ("resourceMetrics.scopeMetrics.metrics.gauge.dataPoints", .message, .item),
    ("resourceMetrics.scopeMetrics.metrics.sum.dataPoints", .message, .item),
    ("resourceMetrics.scopeMetrics.metrics.sum.isMonotonic", .bool, .nothing),
    ("resourceMetrics.scopeMetrics.metrics.sum.dataPoints.asInt", .sfixed64, .nothing),
    ("resourceMetrics.scopeMetrics.metrics.histogram.dataPoints", .message, .item),
    ("resourceMetrics.scopeMetrics.metrics.histogram.dataPoints.bucketCounts", .fixed64, .value),
    ("resourceMetrics.scopeMetrics.metrics.histogram.dataPoints.explicitBounds", .double, .value),
    ("resourceMetrics.scopeMetrics.metrics.exponentialHistogram.dataPoints", .message, .item),
    ("resourceMetrics.scopeMetrics.metrics.exponentialHistogram.dataPoints.scale", .sint32, .nothing),
    ("resourceMetrics.scopeMetrics.metrics.exponentialHistogram.dataPoints.positive.bucketCounts", .uint64, .value),
    ("resourceMetrics.scopeMetrics.metrics.summary.dataPoints", .message, .item),
    ("resourceMetrics.scopeMetrics.metrics.summary.dataPoints.quantileValues", .message, .value),
    ("resourceMetrics.scopeMetrics.metrics.gauge.dataPoints.exemplars.spanId", .spanID, .nothing),
  ])
  func metricsAreAsTheSchemaHasThem(_ path: String, _ kind: WireSchema.Kind, _ counted: WireSchema.Counted) throws {
    let field = try field(path, in: .metrics)
    #expect(field.kind == kind && field.counted == counted)
    #expect(WireSchema.isPacked(field) == (counted == .value && kind != .message && kind != .string))
  }

  @Test func enumerationsHaveTheirNames() throws {
    let kind = try field("resourceSpans.scopeSpans.spans.kind", in: .traces)
    let server = WireSchema.traces.enumerations[Int(kind.index)].first { $0.number == 2 }
    #expect(server?.name == Array("SPAN_KIND_SERVER".utf8))
  }

  @Test func otherSignalsHaveNone() {
    #expect(WireSchema.of(.logs) == nil && WireSchema.of(.profiles) == nil)
    #expect(WireSchema.of(.traces) != nil && WireSchema.of(.metrics) != nil)
  }
}
