import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix

/// `sluice-sink PORT`: a backend that takes everything and keeps nothing. It answers `_bulk` as Elasticsearch does
/// when all went well, and anything else with 200 and no body; bodies are read and dropped.
struct Sink: HTTPService {
  func plan(for head: NIOHTTP1Head) -> HTTPBodyPlan { .collect(limitBytes: 1 << 30, budget: nil) }

  func refusal(of head: NIOHTTP1Head, because: HTTPBodyRefusal) -> HTTPResponse {
    HTTPResponse(status: 413, headers: [:], body: ByteBuffer())
  }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    guard request.head.path.hasSuffix("/_bulk") else {
      return responder.respond(HTTPResponse(status: 200, headers: [:], body: ByteBuffer()))
    }
    responder.respond(
      HTTPResponse(
        status: 200, headers: ["Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"],
        body: ByteBuffer(string: #"{"took":1,"errors":false}"#)))
  }
}

typealias NIOHTTP1Head = HTTPTransport.HTTPRequestHead

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
var options = HTTPServerOptions()
options.host = "127.0.0.1"
options.port = port
options.maxConnectionAge = nil
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let server = try await HTTPServer.start(options, service: Sink(), group: group)

while true { try await Task.sleep(for: .seconds(3600)) }
