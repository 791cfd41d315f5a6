import Foundation
import HTTPTransport
import LogExport
import NIOPosix
import Testing

@testable import Gateway

/// A gateway's exporters with a file of dead letters, and what the page is answered about it.
struct DeadLetterSample {
  let folder: TemporaryFolder
  let log = LogCapture()
  let desk: DeadLetterDesk
  let assembly: Assembly

  init() async throws {
    folder = try TemporaryFolder()
    assembly = try await Assembly(
      loadStandard(
        """
        receivers: {otlp: {protocols: {http: }}}
        exporters:
          elasticsearch: {endpoint: "http://127.0.0.1:9", dead_letter: {path: \(folder.path)/letters.ndjson}}
          otlp: {endpoint: "127.0.0.1:9", tls: {insecure: true}, dead_letter: {path: \(folder.path)/letters.ndjson}}
          nop:
        service: {pipelines: {logs: {receivers: [otlp], exporters: [elasticsearch, otlp, nop]}}}
        """), group: MultiThreadedEventLoopGroup.singleton, logger: log.logger)
    desk = DeadLetterDesk(logger: log.logger)
    let exporters = assembly.exporters
    desk.use { exporters }
  }

  func line(_ number: Int, reason: String = "mapper_parsing_exception: secret", exporter: String = "elasticsearch")
    -> String
  {
    "{\"time\":\"2026-01-0\(number)T00:00:00Z\",\"exporter\":\"\(exporter)\",\"reason\":\"\(reason)\",\"attempts\":1,"
      + "\"first_sent\":\"2026-01-01T00:00:00Z\",\"format\":\"bulk\",\"path\":\"/_bulk\","
      + "\"record\":{\"action\":{\"create\":{}},\"document\":{\"n\":\(number)}}}\n"
  }

  func write(_ lines: [String], to name: String = "letters.ndjson") throws {
    try lines.joined().write(toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8)
  }

  func answer(_ path: String, _ query: String = "", form: String? = nil) async throws -> (status: Int, text: String) {
    let routes = AdminRoutes(DeadLetterRoutes(desk: desk).all)
    let head = HTTPRequestHead(
      method: form == nil ? "GET" : "POST", path: "/api/dead_letters\(path)", query: query,
      headers: ["Content-Type": "application/x-www-form-urlencoded"], remoteAddress: "127.0.0.1:5")
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let promise = loop.makePromise(of: HTTPResponse.self)
    let responder = HTTPResponder(eventLoop: loop) { event in
      if case .whole(let response) = event { promise.succeed(response) }
    }
    let pass = AdminPass(nil, scope: nil, AdminAudit(logger: LogCapture().logger))
    let route = try #require(routes[head.path])
    routes.respond(to: HTTPRequest(head: head, body: Array((form ?? "").utf8)), route, pass, through: responder)
    let response = try await promise.futureResult.get()
    return (response.status, String(buffer: response.body))
  }

  var file: String { "file=\(folder.path)/letters.ndjson" }

  func places(_ query: String = "") async throws -> [String] {
    let text = try await answer("/letters", "\(file)&\(query)").text
    return text.components(separatedBy: "\"place\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }
}
