import Access
import NIOHTTP1
import NIOPosix
import Testing

@testable import Gateway

@Suite struct ClientCredentialsTests {
  private func configuration(token: String, second: String = "other") throws -> Configuration {
    try loadStandard(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      exporters:
        otlphttp: {endpoint: "https://h", auth: {authenticator: headers_setter}}
        otlphttp/b: {endpoint: "https://h", auth: {authenticator: bearertokenauth/b}}
        otlphttp/c: {endpoint: "https://h"}
      extensions:
        headers_setter: {headers: [{key: x-tenant, value: a}], additional_auth: bearertokenauth}
        bearertokenauth: {token: \(token)}
        bearertokenauth/b: {token: \(second)}
        bearertokenauth/unused: {token: t}
      service:
        extensions: [headers_setter, bearertokenauth, bearertokenauth/b, bearertokenauth/unused]
        telemetry: {metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], exporters: [otlphttp, otlphttp/b, otlphttp/c]}}
      """)
  }

  private func made(_ configuration: Configuration, keeping old: ClientCredentials? = nil) throws -> ClientCredentials {
    try ClientCredentials(configuration, keeping: old, group: MultiThreadedEventLoopGroup.singleton)
  }

  private func written(_ credentials: ClientCredentials, _ exporter: Int, _ configuration: Configuration) async throws
    -> [String]
  {
    var head = HTTPHeaders()
    let parts = credentials.parts(for: configuration.exporters[exporter].options)
    try await parts.credentials?.write(to: &head, within: .seconds(1))
    return head.map { "\($0.name): \($0.value)" }
  }

  @Test func eachExporterPresentsWhatItsExtensionSays() async throws {
    let configuration = try configuration(token: "one")
    let credentials = try made(configuration)
    #expect(credentials.all.map(\.id) == ["bearertokenauth", "bearertokenauth/b", "headers_setter"])
    #expect(try await written(credentials, 0, configuration) == ["authorization: Bearer one", "x-tenant: a"])
    #expect(try await written(credentials, 1, configuration) == ["authorization: Bearer other"])
    #expect(try await written(credentials, 2, configuration) == [])
  }

  /// An exporter goes on as it is if its extensions say the same, and is made anew if one of a chain does not.
  @Test func aChangeAnywhereInAChainMakesTheExporterAnew() async throws {
    let before = try configuration(token: "one")
    let plans = Assembly.exporterPlans(before)
    #expect(Assembly.exporterPlans(try configuration(token: "one")) == plans)
    let after = try configuration(token: "two")
    #expect(zip(Assembly.exporterPlans(after), plans).map { $0 == $1 } == [false, true, true])
    let credentials = try made(after, keeping: try made(before))
    #expect(try await written(credentials, 0, after) == ["authorization: Bearer two", "x-tenant: a"])
  }
}
