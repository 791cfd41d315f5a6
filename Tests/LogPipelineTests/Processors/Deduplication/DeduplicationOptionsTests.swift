import Testing

@Suite struct DeduplicationOptionsTests {
  private func problems(_ options: String) -> [String] {
    configurationProblems(
      """
      receivers: {otlp: {protocols: {http: }}}
      processors: {log_dedup: {\(options)}}
      exporters: {nop: }
      service: {pipelines: {logs: {receivers: [otlp], processors: [log_dedup], exporters: [nop]}}}
      """)
  }

  @Test(arguments: [
    "", "interval: 60s, log_count_attribute: dedup_count, timezone: UTC",
    #"exclude_fields: [body.timestamp, attributes.host\.name, attributes.src.ip]"#,
    "include_fields: [attributes.id, attributes.name], interval: 60s",
    "include: {match_type: strict, severity_number: {min: WARN}}, max_windows: 1, max_bytes: 1MiB",
    "conditions: ['log.attributes[\"ID\"] == 1', 'resource.attributes[\"service.name\"] == \"shop\"']",
  ])
  func takesTheSamplesOfTheCollectorsDocumentation(_ options: String) {
    #expect(problems(options) == [])
  }

  @Test func saysThatTimesAreToldInUTC() {
    #expect(problems("timezone: America/Los_Angeles").joined().contains("times are told in UTC"))
  }

  @Test(arguments: [
    (
      "conditions: ['log.attributes[\"ID\"] = 1']", "conditions[0]: line 1, column 22: expected a comparison such as =="
    ),
    (
      "conditions: ['true'], include: {match_type: strict, bodies: [x]}",
      "conditions and include cannot stand beside each other"
    ),
    ("metadata_keys: [x-scope-orgid]", "records are told apart by what they say alone"),
    ("include_fields: [attributes.a], exclude_fields: [attributes.b]", "include_fields and exclude_fields exclude"),
    ("exclude_fields: [body]", "expected a field as in body.timestamp or attributes.src.ip, found \"body\""),
    ("include_fields: [severity_text]", "found \"severity_text\""), ("interval: 0s", "interval"),
    ("log_count_attribute: ''", "log_count_attribute"), ("max_windows: 0", "from 1 to 10000000"),
  ])
  func refusesWhatItCannotDo(_ options: String, _ part: String) {
    #expect(problems(options).joined(separator: "\n").contains(part), "\(problems(options))")
  }

  @Test func hasItsFormerNameToo() {
    let yaml = """
      receivers: {otlp: {protocols: {http: }}}
      processors: {logdedup: {interval: 5s}}
      exporters: {nop: }
      service: {pipelines: {logs: {receivers: [otlp], processors: [logdedup], exporters: [nop]}}}
      """
    #expect(configurationProblems(yaml) == [])
  }
}
