/// A signal of OpenTelemetry; the raw value is what pipelines of it are named by.
package enum Signal: String, Sendable, CaseIterable {
  case logs, traces, metrics, profiles
}
