import LogPipeline

/// A label and its value.
struct MetricLabel: Sendable, Equatable {
  var name: String
  var value: String

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// One value of a family.
struct MetricSample: Sendable {
  /// What a sample can hold.
  enum Value: Sendable {
    case whole(Int)
    case number(Double)
    /// Counts by size; what was observed is so many times what is told.
    case histogram(Histogram.Snapshot, factor: Double)
  }

  var labels: [MetricLabel]
  var value: Value
}

/// One metric, under the name that the Collector has for it, with its samples.
struct MetricFamily: Sendable {
  let name: String
  let kind: MetricKind
  let help: String
  let unit: MetricUnit?
  fileprivate(set) var samples: [MetricSample] = []
}

/// The metrics of the gateway at one moment. Who reads them decides how they are written: `PrometheusPage` for those
/// that come for them, `MetricsRequests` for those that they are sent to.
struct MetricFamilies: Sendable {
  private(set) var all: [MetricFamily] = []

  /// Starts a family; the samples that follow belong to it. A unit that its name tells need not be given.
  mutating func begin(_ name: String, _ kind: MetricKind, _ help: String, in unit: MetricUnit? = nil) {
    all.append(MetricFamily(name: name, kind: kind, help: help, unit: unit ?? MetricUnit(ofName: name)))
  }

  /// Adds a sample to the family.
  mutating func sample(_ labels: [MetricLabel] = [], _ value: Int) { add(labels, .whole(value)) }

  /// Adds a sample to the family.
  mutating func sample(_ labels: [MetricLabel] = [], _ value: Double) { add(labels, .number(value)) }

  /// Adds a histogram to the family, whose values are to be told as so many times what they were observed as.
  mutating func histogram(_ labels: [MetricLabel] = [], _ histogram: Histogram.Snapshot, times factor: Double = 1) {
    add(labels, .histogram(histogram, factor: factor))
  }

  private mutating func add(_ labels: [MetricLabel], _ value: MetricSample.Value) {
    if all.isEmpty { return }
    all[all.count - 1].samples.append(MetricSample(labels: labels, value: value))
  }
}
