import LogPipeline
import Options
import Testing

@testable import Gateway

/// `metadata_keys`, and what `headers_setter` takes of them, as users write both.
@Suite struct MetadataCheckTests {
  private func yaml(batch: String = "", queue: String = "", headers: String = "") -> String {
    """
    receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
    processors: {batch: {\(batch)}}
    extensions: {headers_setter: {headers: [{key: X-Plain, value: p}\(headers)]}}
    exporters:
      otlphttp: {endpoint: "http://127.0.0.1:1", auth: {authenticator: headers_setter}, sending_queue: {\(queue)}}
      file: {path: /tmp/never-written}
    service:
      extensions: [headers_setter]
      telemetry: {metrics: {level: none}}
      pipelines:
        logs: {receivers: [otlp], processors: [batch], exporters: [otlphttp, file]}
        traces: {receivers: [otlp], exporters: [otlphttp]}
    """
  }

  private func found(batch: String = "", queue: String = "", headers: String = "") -> [String] {
    standardProblems(yaml(batch: batch, queue: queue, headers: headers))
  }

  private func plans(batch: String = "", queue: String = "", headers: String = "") throws -> [String: MetadataKeys] {
    let configuration = try loadStandard(yaml(batch: batch, queue: queue, headers: headers))
    let plans = Assembly.exporterPlans(configuration).map { ($0.id, $0.metadata) }
    return Dictionary(uniqueKeysWithValues: plans).compactMapValues { $0 }
  }

  private let scope = ", {key: X-Scope-OrgID, from_context: X-Tenant}"

  @Test func keysOfBatchAreForItsPipelinesAndThoseOfAQueueForAll() throws {
    let queue = "batch: {partition: {metadata_keys: [X-Env], metadata_cardinality_limit: 7}}"
    let made = try plans(batch: "metadata_keys: [X-Tenant, auth.subject], metadata_value_limit: 100", queue: queue)
    // What goes to a file is in no request.
    #expect(Set(made.keys) == ["otlphttp", "otlphttp+traces"])
    #expect(made["otlphttp"]?.names == ["auth.subject", "x-env", "x-tenant"])
    #expect(made["otlphttp"]?.maxCombinations == 7 && made["otlphttp"]?.maxValueBytes == 100)
    #expect(made["otlphttp+traces"]?.names == ["x-env"] && made["otlphttp+traces"]?.maxValueBytes == 1024)
    #expect(try plans().isEmpty)
  }

  @Test func whatHeadersAreMadeOfHasToKeepRecordsApart() throws {
    let missing = found(batch: "metadata_keys: [x-tenant]", headers: scope)
    #expect(missing.count == 1, "\(missing)")
    #expect(
      missing.first?.hasSuffix(
        "extensions.headers_setter.headers[1].from_context: otlphttp sends records of many requests together: add "
          + "\"x-tenant\" to metadata_keys of the processor batch in traces, or of its sending_queue.batch.partition")
        == true, "\(missing)")
    let queue = "batch: {partition: {metadata_keys: [X-TENANT, auth.subject]}}"
    let who = ", {key: X-Who, from_attribute: subject, default_value: nobody}"
    #expect(found(queue: queue, headers: scope + who) == [])
    let claim = found(queue: queue, headers: ", {key: X-Who, from_attribute: tenant}")
    #expect(claim.count == 1 && claim.first?.contains("add \"auth.tenant\" to metadata_keys") == true, "\(claim)")
    let made = try plans(queue: queue, headers: scope)
    #expect(made["otlphttp"]?.headers == [MetadataHeader("x-scope-orgid", key: "x-tenant")])
  }

  @Test func aCredentialIsKeptInMemoryOnly() {
    let keys = "metadata_keys: [Authorization]"
    #expect(found(batch: keys) == [])
    for queue in ["directory: /tmp/never-made", "directory: /tmp/never-made, batch: {partition: {\(keys)}}"] {
      let problems = found(batch: keys, queue: queue)
      #expect(!problems.isEmpty && problems.allSatisfy { $0.contains("which holds credentials of senders") })
    }
    #expect(found(batch: "metadata_keys: [x-tenant]", queue: "directory: /tmp/never-made") == [])
  }

  @Test func keysHaveLimits() {
    let most = (0..<16).map { "k\($0)" }.joined(separator: ", ")
    #expect(found(batch: "metadata_keys: [\(most)]") == [])
    let past = found(batch: "metadata_keys: [\(most), k16]")
    #expect(past.first?.hasSuffix("metadata_keys: found 17 keys: the limit is 16") == true, "\(past)")
    let joined = found(batch: "metadata_keys: [\(most)]", queue: "batch: {partition: {metadata_keys: [other]}}")
    #expect(joined.count == 1 && joined.first?.contains("its pipelines have 17 metadata_keys: the limit is 16") == true)
    let name = String(repeating: "k", count: 128)
    #expect(found(batch: "metadata_keys: [\(name)]") == [])
    #expect(found(batch: "metadata_keys: [\(name)k]").first?.contains("at most 128 bytes (it has 129)") == true)
  }

  @Test(arguments: [
    ("metadata_keys: [a, A]", "\"A\" stands here twice"), ("metadata_keys: ['a b']", "the name of a header field"),
    ("metadata_keys: [auth.]", "or auth. and a name"), ("metadata_cardinality_limit: 100001", "from 0 to 100000"),
    ("metadata_value_limit: 0", "a size from 1 to 3KiB"), ("metadata_value_limit: 3073", "a size from 1 to 3KiB"),
  ]) func whatCannotBeIsNamed(_ option: String, what: String) {
    let problems = found(batch: option)
    #expect(problems.count == 1 && problems.first?.contains(what) == true, "\(problems)")
  }

  @Test func zeroIsTheLargestLimit() throws {
    let made = try plans(batch: "metadata_keys: [a], metadata_cardinality_limit: 0")
    #expect(made["otlphttp"]?.maxCombinations == 100_000)
    #expect(try plans(batch: "metadata_keys: [a], metadata_cardinality_limit: 1")["otlphttp"]?.maxCombinations == 1)
    #expect(try plans(batch: "metadata_keys: [a]")["otlphttp"]?.maxCombinations == 1000)
  }

  /// A pipeline in front of a connector says it for those behind.
  @Test func keysReachPipelinesBehindConnectors() throws {
    let configuration = try loadStandard(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      processors: {batch: {metadata_keys: [x-tenant]}}
      connectors: {forward: }
      exporters: {otlphttp: {endpoint: "http://127.0.0.1:1"}, otlphttp/b: {endpoint: "http://127.0.0.1:1"}}
      service:
        telemetry: {metrics: {level: none}}
        pipelines:
          logs/in: {receivers: [otlp], processors: [batch], exporters: [forward]}
          logs/out: {receivers: [forward], exporters: [otlphttp]}
          logs/other: {receivers: [otlp], exporters: [otlphttp/b]}
      """)
    let plans = Assembly.exporterPlans(configuration)
    #expect(plans.first { $0.id == "otlphttp" }?.metadata?.names == ["x-tenant"])
    #expect(plans.first { $0.id == "otlphttp/b" }?.metadata == nil)
  }

  /// A sender's own credential is a secret on the way.
  @Test func aCredentialIsNotSentInClearTextOverGRPC() {
    let problems = standardProblems(
      yaml(
        queue: "batch: {partition: {metadata_keys: [authorization]}}",
        headers: ", {key: Authorization, from_context: authorization}"
      )
      .replacing("otlphttp: {endpoint: \"http://127.0.0.1:1\"", with: "otlphttp: {endpoint: \"http://h:1\""))
    #expect(problems.contains { $0.contains("warning") && $0.contains("in clear text") }, "\(problems)")
  }

  /// A field that an authenticator takes is one as much as those that have the name for it.
  @Test(arguments: [
    ("queue", true), ("dead_letter", true), ("", false),
  ])
  func aFieldThatAnAuthenticatorTakesIsKeptOnNoDisk(_ kept: String, _ isError: Bool) {
    var yaml = yaml(
      queue: (kept == "queue" ? "directory: /tmp/never, " : "")
        + "batch: {partition: {metadata_keys: [x-door]}}"
    )
    .replacing("extensions: {", with: "extensions: {bearertokenauth: {token: a, header: X-Door, scheme: ''}, ")
    if kept == "dead_letter" {
      yaml = yaml.replacing("otlphttp: {endpoint", with: "otlphttp: {dead_letter: {path: /tmp/never-letters}, endpoint")
    }
    let found = standardProblems(yaml).filter { $0.contains("which holds credentials of senders") }
    #expect(found.isEmpty != isError, "\(found)")
  }
}
