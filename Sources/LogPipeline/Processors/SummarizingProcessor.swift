/// A processor that has records of its own to tell, now and then.
package protocol SummarizingProcessor: Processor {
  /// What is to be told by `now`, nanoseconds since 1970, each an `ExportLogsServiceRequest` for the steps that follow
  /// this one; all that there is if `isLast`. What was given is not given again.
  func summaries(at now: UInt64, isLast: Bool) -> [[UInt8]]
}
