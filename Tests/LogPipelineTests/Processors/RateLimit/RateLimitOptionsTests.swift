import LogPipeline
import Testing

@Suite struct RateLimitOptionsTests {
  @Test func limitsRates() throws {
    let made = { (options: String) in try #require(try madeProcessor("rate_limit", options) as? RateLimitProcessor) }
    #expect(try made("records_per_second: 10").needsContext)
    #expect(processorProblems("rate_limit", "bytes_per_second: 1MiB\nkey: {header: x-tenant}\non_limit: drop") == [])
    #expect(
      processorProblems("rate_limit", "burst: 2s") == [
        "f.yaml:4:5: processors.rate_limit: records_per_second or bytes_per_second: one is required"
      ])
    #expect(
      processorProblems("rate_limit", "records_per_second: 1\nkey: {header: a, resource_attribute: b}") == [
        "f.yaml:5:11: processors.rate_limit.key.header: only one of resource_attribute, header and auth may be given"
      ])
    #expect(processorProblems("rate_limit", "records_per_second: 0").count == 1)
    #expect(processorProblems("rate_limit", "records_per_second: 1\nburst: 0s").count == 1)
    #expect(processorProblems("rate_limit", "records_per_second: 1\nburst: 61m").count == 1)
    #expect(processorProblems("rate_limit", "records_per_second: 1\nmax_keys: 0").count == 1)
    #expect(processorProblems("rate_limit", "records_per_second: 1\nmax_keys: 100001").count == 1)
    let single = "records_per_second: 1\non_limit: drop"
    #expect(try attributes(after: "rate_limit", single, "{},{}") == [])
  }
}
