import HTTPTransport
import Testing

@testable import OTLPReceiver

@Suite struct RoutesTests {
  @Test(arguments: [
    "application/x-protobuf", "application/protobuf", "application/json; charset=utf-8", "Application/JSON",
  ])
  func logsArePosted(type: String) {
    let fixture = Fixture()
    let body = type.lowercased().contains("json") ? Array("{}".utf8) : []
    let answer = fixture.post(body, type: type)
    #expect(answer.status == 200)
    #expect(answer.type == type.split(separator: ";")[0].lowercased())
  }

  @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", ""])
  func otherMethodsAreNotAllowed(method: String) {
    let answer = Fixture().post(type: nil, method: method)
    #expect(answer.status == 405)
    #expect(answer.headers.first(name: "allow") == "POST")
    #expect(answer.type == "application/json")
    #expect(answer.text.hasPrefix(#"{"code":12,"message":"#))
  }

  @Test(arguments: ["/", "", "/v1/traces", "/v1/metrics", "/v1/logs/", "/V1/logs", "/v1/logs%2F", "//v1/logs"])
  func otherPathsAreNotFoundInTheRequestsForm(path: String) {
    let fixture = Fixture()
    #expect(fixture.post(path: path, type: "application/json").text.hasPrefix(#"{"code":12"#))
    let answer = fixture.post(path: path)
    #expect(answer.status == 404)
    #expect(answer.type == "application/x-protobuf")
    #expect(answer.body.starts(with: [0x08, 12, 0x12]))
    #expect(fixture.post(path: path, type: nil, method: "GET").status == 404)
  }

  @Test func thePathIsAnOption() {
    var options = OTLPServiceOptions()
    options.logsPath = "/otlp/logs"
    let fixture = Fixture(options)
    #expect(fixture.post(exportRequest(), path: "/otlp/logs").status == 200)
    #expect(fixture.post(exportRequest()).status == 404)
  }

  @Test(arguments: [nil, "", "text/plain", "application/octet-stream", "application/grpc-web"])
  func otherMediaTypesAreRefusedInJSON(type: String?) {
    let answer = Fixture().post(exportRequest(), type: type)
    #expect(answer.status == 415)
    #expect(answer.type == "application/json")
    #expect(answer.headers.first(name: "accept") == "application/x-protobuf, application/json")
  }

  @Test(arguments: [
    "opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "opentelemetry.proto.collector.logs.v1.LogsService/Import", "v1/logs", "", "grpc.health.v1.Health/List",
  ])
  func otherMethodsOfGRPCAreUnimplemented(method: String) {
    let answer = Fixture().call(framed(exportRequest()), method: method)
    #expect(answer.status == 200)
    #expect(answer.type == "application/grpc")
    #expect(answer.grpcStatus == 12)
    #expect(answer.body.isEmpty && answer.trailers == nil)
  }

  @Test func grpcUnderAnotherMediaTypeIsRefusedOverHTTP() {
    let path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    #expect(Fixture().post(exportRequest(), path: path).status == 415)
  }

  @Test func grpcInAnotherEncodingIsUnimplemented() {
    #expect(Fixture().call(framed(exportRequest()), type: "application/grpc+json").grpcStatus == 12)
    #expect(Fixture().call(framed(exportRequest()), type: "application/grpc+proto").grpcStatus == 0)
  }

  @Test func grpcIsPosted() {
    let path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    let head = HTTPRequestHead(method: "GET", path: path, headers: ["content-type": "application/grpc"])
    #expect(Fixture().send(head).grpcStatus == 12)
  }
}
