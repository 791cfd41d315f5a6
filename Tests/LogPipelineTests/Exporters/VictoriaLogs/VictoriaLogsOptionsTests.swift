import LogPipeline
import Testing

@Suite struct VictoriaLogsOptionsTests {
  private func route(_ change: (inout VictoriaLogsOptions) -> Void) -> (path: String, headers: [String: String]) {
    var options = VictoriaLogsOptions()
    change(&options)
    guard case .http(let path, let headers) = VictoriaLogsDialect(options).route else { return ("", [:]) }
    return (path, Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) }))
  }

  @Test func elasticsearchIsTheDefault() {
    let route = route { _ in }
    #expect(
      route.path == "/insert/elasticsearch/_bulk?_time_field=_time&_msg_field=_msg"
        + "&_stream_fields=service.name,k8s.namespace.name,k8s.container.name,deployment.environment.name,"
        + "k8s.pod.name,service.instance.id")
    #expect(route.headers == ["Content-Type": "application/x-ndjson"])
  }

  @Test func jsonlineHasItsOwnPath() {
    let route = route {
      $0.ingestProtocol = .jsonline
      $0.streamFields = []
    }
    #expect(route.path == "/insert/jsonline?_time_field=_time&_msg_field=_msg")
    #expect(route.headers == ["Content-Type": "application/stream+json"])
  }

  @Test func otlpNamesNoTimeField() {
    let route = route {
      $0.ingestProtocol = .otlp
      $0.streamFields = ["a"]
    }
    #expect(route.path == "/insert/opentelemetry/v1/logs?_msg_field=_msg&_stream_fields=a")
    #expect(route.headers == ["Content-Type": "application/x-protobuf"])
  }

  @Test func elasticsearchHasItsOwnPath() {
    let route = route {
      $0.ingestProtocol = .elasticsearch
      $0.streamFields = []
    }
    #expect(route.path == "/insert/elasticsearch/_bulk?_time_field=_time&_msg_field=_msg")
    #expect(route.headers == ["Content-Type": "application/x-ndjson"])
  }

  @Test func aTenantIsSentInHeaders() {
    let headers = route { $0.tenant = .init(accountID: 12, projectID: .max) }.headers
    #expect(headers["AccountID"] == "12" && headers["ProjectID"] == "4294967295")
    #expect(route { _ in }.headers["AccountID"] == nil)
  }

  @Test func everyOptionIsAnArgumentAndEncoded() {
    let path = route {
      $0.messageFields = ["message", "m&g"]
      $0.timeField = "@timestamp"
      $0.streamFields = ["a b", ""]
      $0.ignoreFields = ["secret*", "x"]
      $0.decolorizeFields = ["_msg"]
      $0.extraFields = [.init("cluster", "eu 1"), .init("ü", "50%")]
      $0.debug = true
    }.path
    #expect(
      path == "/insert/elasticsearch/_bulk?_time_field=%40timestamp&_msg_field=message,m%26g&_stream_fields=a%20b"
        + "&ignore_fields=secret%2A,x&decolorize_fields=_msg&extra_fields=cluster%3Deu%201,%C3%BC%3D50%25&debug=1")
  }

  @Test func controlCharactersCannotBreakTheRequestLine() {
    let path = route { $0.timeField = "a\r\nb\u{1}" }.path
    #expect(path.hasPrefix("/insert/elasticsearch/_bulk?_time_field=a%0D%0Ab%01&"))
  }
}
