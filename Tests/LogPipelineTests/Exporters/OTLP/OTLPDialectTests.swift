import LogPipeline
import Testing

@Suite struct OTLPDialectTests {
  private let dialect = OTLPDialect(transport: .grpc)

  @Test func routesAreThoseOfTheSpecification() {
    #expect(
      dialect.route == .grpc(path: "/opentelemetry.proto.collector.logs.v1.LogsService/Export", headers: []))
    #expect(
      OTLPDialect(transport: .http).route
        == .http(path: "/v1/logs", headers: [.init("Content-Type", "application/x-protobuf")]))
  }
}
