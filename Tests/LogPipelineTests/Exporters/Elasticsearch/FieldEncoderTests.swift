import FrameQueues
import Testing

@testable import LogPipeline

@Suite("Documents of ecs, none, raw and bodymap mode")
struct FieldEncoderTests {
  private static func sample() -> BulkTestBatch {
    BulkTestBatch()
      .resource([
        ("service.name", "test-service"), ("service.version", "1.0.0"), ("service.instance.id", "instance-123"),
        ("deployment.environment", "production"), ("host.name", "prod-server-01"), ("host.arch", "amd64"),
        ("os.type", "linux"), ("os.version", "5.15.0"), ("telemetry.sdk.name", "opentelemetry"),
        ("telemetry.sdk.language", "go"), ("telemetry.sdk.version", "1.21.0"),
      ])
      .scope("github.com/example/myapp", version: "1.0.0", [("scope.attribute", "example-value")])
      .record(
        "Sample log message",
        [
          ("http.method", "GET"), ("http.status_code", 200), ("http.url", "https://example.com/api/v1/users"),
          ("event.name", "user.login"), ("user.id", "12345"), ("success", true), ("duration_ms", 45.67),
        ], time: 1_705_314_600_000_000_000
      ) { record, batch in
        record.severityText = batch.slice("INFO")
        record.severityNumber = 9
        record.traceID = TraceID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)
        record.spanID = 0x0102_0304_0506_0708
        record.flags = 1
      }
  }

  @Test func ecsNestsSortsAndRenamesAWholeRecord() throws {
    let expected =
      #"{"@timestamp":"2024-01-15T10:30:00.000000000Z","#
      + #""agent":{"name":"opentelemetry/go","version":"1.21.0"},"#
      + #""data_stream":{"dataset":"generic","namespace":"default","type":"logs"},"duration_ms":45.67,"#
      + #""event":{"action":"user.login","severity":9},"#
      + #""host":{"architecture":"amd64","hostname":"prod-server-01","name":"prod-server-01","#
      + #""os":{"platform":"linux","type":"linux","version":"5.15.0"}},"#
      + #""http":{"method":"GET","status_code":200,"url":"https://example.com/api/v1/users"},"#
      + #""log":{"level":"INFO"},"message":"Sample log message","scope":{"attribute":"example-value"},"#
      + #""service":{"environment":"production","name":"test-service","node":{"name":"instance-123"},"#
      + #""version":"1.0.0"},"span":{"id":"0102030405060708"},"success":true,"#
      + #""trace":{"id":"0102030405060708090a0b0c0d0e0f10"},"user":{"id":"12345"}}"#
    #expect(try Self.sample().document(.ecs) == expected)
  }

  @Test func noneKeepsFlatNamesSortedUnderTheirLevel() throws {
    let expected =
      #"{"@timestamp":"2024-01-15T10:30:00.000000000Z","Attributes.data_stream.dataset":"generic","#
      + #""Attributes.data_stream.namespace":"default","Attributes.data_stream.type":"logs","#
      + #""Attributes.duration_ms":45.67,"Attributes.event.name":"user.login","Attributes.http.method":"GET","#
      + #""Attributes.http.status_code":200,"Attributes.http.url":"https://example.com/api/v1/users","#
      + #""Attributes.success":true,"Attributes.user.id":"12345","Body":"Sample log message","#
      + #""Resource.deployment.environment":"production","Resource.host.arch":"amd64","#
      + #""Resource.host.name":"prod-server-01","Resource.os.type":"linux","Resource.os.version":"5.15.0","#
      + #""Resource.service.instance.id":"instance-123","Resource.service.name":"test-service","#
      + #""Resource.service.version":"1.0.0","Resource.telemetry.sdk.language":"go","#
      + #""Resource.telemetry.sdk.name":"opentelemetry","Resource.telemetry.sdk.version":"1.21.0","#
      + #""Scope.name":"github.com/example/myapp","Scope.scope.attribute":"example-value","#
      + #""Scope.version":"1.0.0","SeverityNumber":9,"SeverityText":"INFO","SpanId":"0102030405060708","#
      + #""TraceFlags":1,"TraceId":"0102030405060708090a0b0c0d0e0f10"}"#
    #expect(try Self.sample().document(.none) == expected)
  }

  @Test func rawPutsRecordAttributesAtTheTop() throws {
    let document = try Self.sample().document(.raw)
    #expect(document.hasPrefix(#"{"@timestamp":"2024-01-15T10:30:00.000000000Z","Body":"Sample log message","Res"#))
    #expect(
      document.hasSuffix(
        #""TraceFlags":1,"TraceId":"0102030405060708090a0b0c0d0e0f10","data_stream.dataset":"generic","#
          + #""data_stream.namespace":"default","data_stream.type":"logs","duration_ms":45.67,"#
          + #""event.name":"user.login","http.method":"GET","http.status_code":200,"#
          + #""http.url":"https://example.com/api/v1/users","success":true,"user.id":"12345"}"#))
  }

  @Test func aBareRecordHasWhatTheModeAlwaysWrites() throws {
    let time = #"{"@timestamp":"2024-01-15T10:30:00.000000000Z""#
    let none = try BulkTestBatch().record().document(.none)
    #expect(
      none == time + #","Attributes.data_stream.dataset":"generic","Attributes.data_stream.namespace":"default","#
        + #""Attributes.data_stream.type":"logs","SeverityNumber":0,"TraceFlags":0}"#)
    let ecs = try BulkTestBatch().record().document(.ecs)
    #expect(
      ecs == time + #","agent":{"name":"otlp"},"#
        + #""data_stream":{"dataset":"generic","namespace":"default","type":"logs"}}"#)
  }

  @Test(arguments: [
    ("service.instance.id", #""service":{"node":{"name":"v"}}"#),
    ("deployment.environment.name", #""service":{"environment":"v"}"#),
    ("cloud.platform", #""cloud":{"service":{"name":"v"}}"#),
    ("container.image.tags", #""container":{"image":{"tag":"v"}}"#),
    ("process.parent_pid", #""process":{"parent":{"pid":"v"}}"#),
    ("process.executable.name", #""process":{"title":"v"}"#),
    ("process.executable.path", #""process":{"executable":"v"}"#),
    ("process.command_line", #""process":{"args":"v"}"#),
    ("process.runtime.name", #""service":{"runtime":{"name":"v"}}"#),
    ("os.name", #""host":{"os":{"name":"v"}}"#), ("os.description", #""host":{"os":{"full":"v"}}"#),
    ("client.address", #""client":{"ip":"v"}"#), ("source.address", #""source":{"ip":"v"}"#),
    ("k8s.namespace.name", #""kubernetes":{"namespace":"v"}"#),
    ("k8s.pod.uid", #""kubernetes":{"pod":{"uid":"v"}}"#),
    ("k8s.container.name", #""kubernetes":{"container":{"name":"v"}}"#),
    ("k8s.cluster.name", #""orchestrator":{"cluster":{"name":"v"}}"#),
    ("faas.instance", #""faas":{"id":"v"}"#), ("faas.trigger", #""faas":{"trigger":{"type":"v"}}"#),
    ("some.thing", #""some":{"thing":"v"}"#),
  ])
  func ecsRenamesAResourceAttribute(_ key: String, _ json: String) throws {
    #expect(try BulkTestBatch().resource([(key, "v")]).record().document(.ecs).contains(json))
  }

  @Test(arguments: [
    ("event.name", #""event":{"action":"v"}"#), ("exception.message", #""error":{"message":"v"}"#),
    ("exception.stacktrace", #""error":{"stacktrace":"v"}"#), ("exception.type", #""error":{"type":"v"}"#),
    ("exception.escaped", #""event":{"error":{"exception":{"handled":"v"}}}"#),
    ("http.response.body.size", #""http":{"response":{"encoded_body_size":"v"}}"#),
    ("os.name", #""os":{"name":"v"}"#),
  ])
  func ecsRenamesARecordAttribute(_ key: String, _ json: String) throws {
    #expect(try BulkTestBatch().record(.empty, [(key, "v")]).document(.ecs).contains(json))
  }

  @Test func ecsKeepsAnExplicitHostname() throws {
    let document = try BulkTestBatch().resource([("host.hostname", "h"), ("host.name", "n")]).record().document(.ecs)
    #expect(document.contains(#""host":{"hostname":"h","name":"n"}"#))
  }

  @Test(
    arguments: [
      ([("telemetry.sdk.name", "sdk")], "sdk"), ([("telemetry.sdk.language", "go")], "otlp/go"),
      ([("telemetry.distro.name", "d")], "otlp/unknown/d"),
      ([("telemetry.sdk.name", "s"), ("telemetry.sdk.language", "l"), ("telemetry.distro.name", "d")], "s/l/d"),
    ] as [(TestAttributes, String)])
  func ecsNamesTheAgentAfterSDKAndDistro(_ attributes: TestAttributes, _ name: String) throws {
    let document = try BulkTestBatch().resource(attributes).record().document(.ecs)
    #expect(document.contains(#""agent":{"name":"\#(name)"}"#))
    #expect(!document.contains("telemetry"))
  }

  @Test func theDistrosVersionIsTheAgents() throws {
    let attributes: TestAttributes = [("telemetry.distro.version", "2"), ("telemetry.sdk.version", "1")]
    #expect(try BulkTestBatch().resource(attributes).record().document(.ecs).contains(#""version":"2"}"#))
  }

  @Test(
    arguments: [
      ("os.type", "windows", "windows"), ("os.type", "darwin", "macos"), ("os.type", "solaris", "unix"),
      ("os.name", "Android", "android"), ("os.name", "iOS", "ios"), ("os.type", "z_os", nil),
    ] as [(String, String, String?)])
  func ecsKnowsTheTypeOfOperatingSystem(_ key: String, _ value: String, _ type: String?) throws {
    let document = try BulkTestBatch().resource([(key, .string(value))]).record().document(.ecs)
    #expect(document.contains(#""type":"\#(type ?? "")""#) == (type != nil))
  }

  @Test(
    arguments: [
      (1, "1"), (.double(1e-7), "1e-7"), (true, "true"),
      (.map([("message", "x"), ("n", 2)]), #"{\"message\":\"x\",\"n\":2}"#),
      (.array(["x"]), #"[\"x\"]"#), (.bytes([1]), "AQ=="), ("", ""),
    ] as [(TestValue, String)])
  func ecsHasTheTextOfAnyBodyAsMessage(_ body: TestValue, _ message: String) throws {
    // A record alone, and records that are alike.
    for count in [1, 6] {
      let batch = BulkTestBatch()
      for _ in 0..<count { batch.record(body, [("a", 1)]) }
      for document in try batch.encoded(.ecs).documents {
        #expect(document.contains(#""message":"\#(message)""#), "\(document)")
      }
    }
    #expect(!(try BulkTestBatch().record(.empty).document(.ecs)).contains("message"))
  }

  @Test func aRecordsEventNameIsKeptInEveryMode() throws {
    let batch = BulkTestBatch()
    for name in ["one", "two", "three", "four", "five"] {
      batch.record("b", [("a", 1)]) { record, batch in record.eventName = batch.slice(name) }
    }
    batch.record("b", [("event.name", "attribute")]) { record, batch in record.eventName = batch.slice("field") }
    batch.record("b", [("a", 1)])
    let ecs = try batch.encoded(.ecs).documents
    #expect(ecs.map { $0.contains(#""event":{"action":"#) } == [true, true, true, true, true, true, false])
    for (name, document) in zip(["one", "two", "three", "four", "five", "attribute"], ecs) {
      #expect(document.contains(#""action":"\#(name)""#), "\(document)")
    }
    for mode in [ElasticsearchOptions.MappingMode.none, .raw] {
      let documents = try batch.encoded(mode).documents
      for (name, document) in zip(["one", "two", "three", "four", "five", "field"], documents) {
        #expect(document.contains(#""EventName":"\#(name)""#), "\(document)")
      }
      #expect(documents.last?.contains("EventName") == false)
    }
  }

  @Test func blankSegmentsBecomeUnderscoresToo() throws {
    let keys: TestAttributes = [(" ", 1), ("a. .b", 2), ("c.\t", 3), ("a b", 4), (" d", 5)]
    let ecs = try BulkTestBatch().record(.empty, keys).document(.ecs)
    #expect(ecs.contains(#""_":1,"#) && ecs.contains(#""a":{"_":{"b":2}},"a b":4,"#) && ecs.contains(#""c":{"_":3}"#))
    #expect(ecs.contains(#"" d":5"#))
    let batch = BulkTestBatch()
    for _ in 0..<5 { batch.record(.empty, keys + [("m", .map([("\n", 6)]))]) }
    for document in try batch.encoded(.otel).documents {
      #expect(
        document.contains(#""attributes":{"_":1,"a._.b":2,"c._":3,"a b":4," d":5,"m":{"_":6}}"#), "\(document)")
    }
    // Keys that become the same are one, the last.
    let same = try BulkTestBatch().record(.empty, [("", 1), (" ", 2), ("a. ", 3), ("a.\t", 4)]).document(.otel)
    #expect(same.contains(#""attributes":{"_":2,"a._":4}"#), "\(same)")
  }

  @Test func bodymapIsTheBodyItself() throws {
    var options = ElasticsearchOptions()
    options.mappingMode = .bodymap
    let lines = try BulkTestBatch().record(.map([("@timestamp", "t"), ("a.b", 1), ("l", .array([1]))]), [("x", 1)])
      .record("text").record(.map([])).record(.array([.map([])])).encoded(options)
    #expect(lines.documents == [#"{"@timestamp":"t","a.b":1,"l":[1]}"#, "{}"])
    #expect(lines.dropped[.bodyNotMap] == 2)
    #expect(lines.actions[0] == #"{"create":{"_index":"logs-generic-default"}}"#)
  }

  @Test(arguments: [
    (UInt64(1), "1970-01-01T00:00:00.000000001Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
    (1_709_251_199_999_999_999, "2024-02-29T23:59:59.999999999Z"),
    (4_107_542_399_000_000_005, "2100-02-28T23:59:59.000000005Z"),
    (9_223_372_036_854_775_807, "2262-04-11T23:47:16.854775807Z"),
    (UInt64.max, "2554-07-21T23:34:33.709551615Z"),
  ])
  func timesAreRFC3339WithNinePlaces(_ nanos: UInt64, _ text: String) throws {
    #expect(try BulkTestBatch().record(time: nanos).document(.ecs).hasPrefix(#"{"@timestamp":"\#(text)","#))
  }

  @Test(arguments: ElasticsearchOptions.MappingMode.allCases)
  func aHundredThousandRepeatedKeysTakeLinearithmicTime(_ mode: ElasticsearchOptions.MappingMode) throws {
    var options = ElasticsearchOptions()
    options.mappingMode = mode
    let attributes: TestAttributes = (0..<100_000).map { ("k\($0 % 2 == 0 ? 0 : $0)", .int(Int64($0))) }
    let batch = BulkTestBatch()
    if mode == .bodymap { batch.record(.map(attributes)) } else { batch.record(.empty, attributes) }
    var frames = FrameWriter()
    let dialect = try ElasticsearchDialect(options)
    let elapsed = try ContinuousClock().measure { try dialect.encode(batch.batch, into: &frames) }
    #expect(elapsed < .seconds(30))
    let documents = frames.bytes.array.split(separator: UInt8(ascii: "\n"))
    #expect(documents.count == 2)
    let text = String(decoding: documents[1], as: UTF8.self)
    #expect(text.contains(#"k0":99998,"#))
    #expect(text.contains(#"k99999":99999"#))
    try StrictJSON.check(Array(documents[1]))
  }

  @Test(arguments: ElasticsearchOptions.MappingMode.allCases)
  func everyModeTakesEveryKindOfValueAndAwkwardCharacters(_ mode: ElasticsearchOptions.MappingMode) throws {
    var options = ElasticsearchOptions()
    options.mappingMode = mode
    let nasty = "a\nb\"c\\d\u{0}e\u{1f}\r\tf\u{2028}é."
    let scalars: TestAttributes = [
      ("s", .string(nasty)), ("e", .empty), ("b", true), ("i", -1), ("d", 1e300), ("t", 1e-7), ("y", .bytes([1])),
      (nasty, 1), ("n", .double(.nan)),
    ]
    let value: TestValue = .map(
      scalars + [("l", .array([.map(scalars), .array([.map(scalars)])])), ("m", .map(scalars))])
    let attributes: TestAttributes = scalars + [("v", value), (nasty, value)]
    let lines = try BulkTestBatch().resource(attributes).scope(nasty, version: nasty, attributes)
      .record(value, attributes).record(value, [("v", value)]).encoded(options)
    #expect(lines.documents.count == 2)
  }
}
