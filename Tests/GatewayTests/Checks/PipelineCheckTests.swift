import Testing

@testable import Gateway

@Suite struct PipelineCheckTests {
  /// The problems of a configuration whose pipeline `logs` and extensions are these.
  private func problems(
    _ pipeline: String, extensions: String = "", started: String = "[]", exporters: String = "nop: , nop/b: "
  ) -> [String] {
    standardProblems(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      processors: {filter: {logs: {exclude: {match_type: strict, bodies: [x]}}}}
      exporters: {\(exporters)}
      extensions: {\(extensions)}
      service:
        extensions: \(started)
        telemetry: {metrics: {level: none}}
        pipelines: {logs: \(pipeline)}
      """)
  }

  private static let whole = "{receivers: [otlp], processors: [filter], exporters: [nop, nop/b]}"

  @Test func aPipelineOfWhatIsDefinedHasNoProblem() {
    #expect(problems(Self.whole) == [])
  }

  @Test(arguments: [
    ("{receivers: [otpl], processors: [filter], exporters: [nop]}", "receivers[0]: the receiver \"otpl\" is not"),
    ("{receivers: [otlp], processors: [fliter], exporters: [nop]}", "processors[0]: the processor \"fliter\" is not"),
    ("{receivers: [otlp], exporters: [nop, nop/c]}", "exporters[1]: the exporter \"nop/c\" is not defined"),
    ("{receivers: [otlp], processors: [filter, filter], exporters: [nop]}", "processors[1]: \"filter\" is named twice"),
    ("{receivers: [otlp], exporters: [nop, nop/b, nop]}", "exporters[2]: \"nop\" is named twice"),
    ("{receivers: [nop], exporters: [nop]}", "receivers[0]: the receiver \"nop\" is not defined"),
  ])
  func aNameThatMeansNothingIsFoundWhereItStands(pipeline: String, problem: String) {
    let found = problems(pipeline)
    #expect(found.contains { $0.contains("service.pipelines.logs.\(problem)") }, "\(found)")
  }

  @Test func theNearestNameIsSuggested() {
    #expect(problems("{receivers: [otpl], exporters: [nop]}").first?.contains("(did you mean \"otlp\"?)") == true)
  }

  /// Names are the senders of a configuration's to choose, not their length in a message.
  @Test func aLongNameIsShownShort() {
    let name = String(repeating: "x", count: 63)
    let found = problems("{receivers: [otlp], exporters: [nop, nop/\(name)\(name)]}")
    #expect(found.first.map { $0.utf8.count < 400 } == true)
  }

  @Test func whatNothingNamesIsWarnedOf() {
    let found = problems("{receivers: [otlp], exporters: [nop]}", extensions: "file_storage: {directory: /tmp}")
    #expect(found.count == 3 && found.allSatisfy { $0.contains("warning: ") }, "\(found)")
    #expect(found.contains { $0.contains("processors.filter: defined, but not used in any pipeline") })
    #expect(found.contains { $0.contains("exporters.nop/b: defined, but not used in any pipeline") })
    #expect(found.contains { $0.contains("extensions.file_storage: defined, but not used in service.extensions") })
  }

  /// A Collector's file defines more than a gateway of logs has.
  @Test func whatIsNotKnownAndNotUsedIsLeftOut() {
    let found = problems(
      "{receivers: [otlp], processors: [filter], exporters: [nop]}", extensions: "sigv4auth: {region: x}",
      exporters: "nop: , prometheus: {endpoint: ':9'}, nosuch/x: ")
    #expect(found.count == 3 && found.allSatisfy { $0.contains("warning: ") }, "\(found)")
    #expect(
      found.contains {
        $0.contains("exporters: \"prometheus\" is left out, as nothing uses it: the exporter \"prometheus\" of the")
      })
    #expect(found.contains { $0.contains("\"nosuch/x\" is left out, as nothing uses it: unknown exporter") })
    let used = problems(Self.whole, extensions: "sigv4auth: {region: x}", started: "[sigv4auth]")
    #expect(used.count == 1 && used[0].contains("the extension \"sigv4auth\" of the Collector is not supported"))
  }

  @Test func aQueueNeedsAStorageThatIsDefinedAndStarted() {
    let exporters = "nop: {sending_queue: {storage: file_storage/q}}, nop/b: "
    let undefined = problems(Self.whole, exporters: exporters)
    #expect(undefined.contains { $0.contains("undefined storage extension \"file_storage/q\"") }, "\(undefined)")
    let stopped = problems(Self.whole, extensions: "file_storage/q: {directory: /tmp}", exporters: exporters)
    #expect(stopped.contains { $0.contains("\"file_storage/q\" is not in service.extensions") }, "\(stopped)")
    let started = problems(
      Self.whole, extensions: "file_storage/q: {directory: /tmp}", started: "[file_storage/q]", exporters: exporters)
    #expect(!started.contains { $0.contains("storage extension") || $0.contains("is not in service") }, "\(started)")
  }

  @Test func whatASectionDefinesThatCannotBeReadIsNotMissed() {
    let found = standardProblems(
      """
      receivers: [otlp]
      exporters: {nop: }
      service: {pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """)
    #expect(found.contains { $0.contains("expected a map") } && !found.contains { $0.contains("is not defined") })
  }
}
