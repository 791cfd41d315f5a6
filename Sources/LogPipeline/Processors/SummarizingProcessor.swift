/// A processor that has records of its own to tell, now and then.
package protocol SummarizingProcessor: Processor {
  /// What is to be told by `now`, nanoseconds since 1970, for the steps that follow this one; all that there is if
  /// `isLast`. What was given is not given again.
  func summaries(at now: UInt64, isLast: Bool) -> [Summary]
}

/// Records that a processor has to tell.
package struct Summary: Sendable {
  /// The tenant whose they are; empty if none is known.
  package let tenant: [UInt8]
  /// They as an `ExportLogsServiceRequest`.
  package private(set) var request: [UInt8]

  package init(tenant: [UInt8] = [], request: [UInt8]) {
    self.tenant = tenant
    self.request = request
  }

  /// Adds those of another one of the same tenant.
  package mutating func append(_ other: Summary) { request += other.request }
}
