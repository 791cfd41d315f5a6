import LogPipeline
import Testing

@Suite struct ProcessorOptionsTests {
  @Test(arguments: [
    ("filter", "logs: {include: {match_type: strict, bodies: [a, null]}}", "bodies[1]"),
    ("filter", "logs: {include: {match_type: strict, record_attributes: [{key: a}, null]}}", "record_attributes[1]"),
    (
      "attributes", "include: {match_type: strict, libraries: [null]}\nactions: [{key: a, action: delete}]",
      "libraries[0]"
    ),
    ("attributes", "actions: [{key: a, action: delete}, null]", "actions[1]"),
    ("redaction", "blocked_values: [a, null]", "blocked_values[1]"),
    ("redaction", "rules: [null]", "rules[0]"),
    ("log_dedup", "exclude_fields: [body.a, null]", "exclude_fields[1]"),
    ("required_attributes", "keys: [a, null]", "keys[1]"),
    ("severity", "attributes: [null]", "attributes[0]"),
  ])
  func aNullEntryOfAListIsNotPassedOver(_ type: String, _ options: String, _ place: String) {
    let problems = processorProblems(type, options)
    #expect(problems.contains { $0.contains(place) }, "\(problems)")
  }

  @Test func acceptsBatchAndMemoryLimiterAndAddsNothing() throws {
    #expect(try madeProcessor("batch", "") == nil)
    #expect(try madeProcessor("memory_limiter", "check_interval: 1s") == nil)
    #expect(processorProblems("batch", "timeout: 1s\nsend_batch_size: 8192") == [])
    #expect(processorProblems("memory_limiter", "check_interval: 1s\nlimit_mib: 512") == [])
    #expect(processorProblems("memory_limiter", "limit_percentage: 80") == [])
    #expect(processorProblems("memory_limiter", "check_interval: 1s").first?.contains("without a limit") == true)
    #expect(
      processorProblems("memory_limiter", "limit_mib: 100\nspike_limit_mib: 100").first?.contains("less than the limit")
        == true)
    #expect(
      processorProblems("batch", "send_batch_max_size: 9000").first?.contains("sending_queue.batch.max_size") == true)
    #expect(processorProblems("memory_limiter", "limit_percentage: 101").first?.contains("from 0 to 100") == true)
  }
}
