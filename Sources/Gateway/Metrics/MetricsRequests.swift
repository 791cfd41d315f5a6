import LogPipeline

/// Metrics as OTLP requests (`ExportMetricsServiceRequest`), each of a bounded size: servers take 4 MiB as a rule.
struct MetricsRequests {
  /// When counts began and when they are told, as Unix time in nanoseconds.
  let (start, now): (UInt64, UInt64)
  /// A request that has so many bytes gets no further metric.
  static let fullBytes = 1 << 20

  init(from start: UInt64, to now: UInt64) { (self.start, self.now) = (start, now) }

  /// The requests that have all families with samples.
  func requests(_ families: MetricFamilies, of resource: OwnResource) -> [[UInt8]] {
    var rest = families.all.filter { !$0.samples.isEmpty }[...]
    var requests: [[UInt8]] = []
    while !rest.isEmpty {
      var request = ByteWriter(capacityBytes: 64 << 10)
      request.appendOwn(resource) { scope in
        while let family = rest.first, scope.count < Self.fullBytes {
          append(family, to: &scope)
          rest.removeFirst()
        }
      }
      requests.append(request.array)
    }
    return requests
  }

  private func append(_ family: MetricFamily, to scope: inout ByteWriter) {
    scope.appendMessage(0x12) { metric in
      metric.appendField(0x0A, family.name)
      metric.appendField(0x12, family.help)
      if let unit = family.unit { metric.appendField(0x1A, unit.symbol) }
      let kind: UInt8 =
        switch family.kind {
        case .gauge: 0x2A
        case .counter: 0x3A
        case .histogram: 0x4A
        }
      metric.appendMessage(kind) { data in
        for sample in family.samples { append(sample, to: &data) }
        // Cumulative, and of counters that they never go down.
        if family.kind != .gauge { data.appendField(0x10, varint: 2) }
        if family.kind == .counter { data.appendField(0x18, varint: 1) }
      }
    }
  }

  private func append(_ sample: MetricSample, to data: inout ByteWriter) {
    data.appendMessage(0x0A) { point in
      point.appendField(0x11, fixed64: start)
      point.appendField(0x19, fixed64: now)
      switch sample.value {
      case .whole(let value):
        point.appendField(0x31, fixed64: UInt64(bitPattern: Int64(value)))
        append(sample.labels, 0x3A, to: &point)
      case .number(let value):
        point.appendField(0x21, fixed64: value.bitPattern)
        append(sample.labels, 0x3A, to: &point)
      case .histogram(let histogram, let factor):
        point.appendField(0x21, fixed64: UInt64(histogram.count))
        point.appendField(0x29, fixed64: (histogram.sum * factor).bitPattern)
        var below = 0
        point.appendMessage(0x32) { counts in
          for bucket in histogram.buckets {
            counts.append(word: UInt64(max(bucket.count &- below, 0)), count: 8)
            below = bucket.count
          }
        }
        point.appendMessage(0x3A) { bounds in
          for bucket in histogram.buckets.dropLast() {
            bounds.append(word: (bucket.bound * factor).bitPattern, count: 8)
          }
        }
        append(sample.labels, 0x4A, to: &point)
      }
    }
  }

  private func append(_ labels: [MetricLabel], _ tag: UInt8, to point: inout ByteWriter) {
    for label in labels { point.appendAttribute(tag, label.name, label.value) }
  }
}
