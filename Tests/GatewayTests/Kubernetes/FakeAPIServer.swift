import HTTPTransport
import LogPipeline
import NIOCore
import NIOPosix
import Synchronization

@testable import Gateway

/// Answers requests as a test says, each with a status and a body that comes at once; keeps what was asked.
final class FakeAPIServer: HTTPService {
  struct Asked: Sendable {
    var path: String
    var token: String?
    var accept: String?
  }

  private let reply: @Sendable (Asked) -> (Int, String)
  private let kept = Mutex<[Asked]>([])
  private let server = Mutex<HTTPServer?>(nil)

  private init(_ reply: @escaping @Sendable (Asked) -> (Int, String)) { self.reply = reply }

  static func start(_ reply: @escaping @Sendable (Asked) -> (Int, String)) async throws -> FakeAPIServer {
    let fake = FakeAPIServer(reply)
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    options.port = 0
    let server = try await HTTPServer.start(options, service: fake, group: MultiThreadedEventLoopGroup.singleton)
    fake.server.withLock { $0 = server }
    return fake
  }

  var asked: [Asked] { kept.withLock { $0 } }
  var address: String { "http://127.0.0.1:\(server.withLock { $0?.boundPort ?? 0 })" }

  func stop() async { await server.withLock { $0 }?.drain(within: .zero) }

  func plan(for head: inout HTTPRequestHead) -> HTTPBodyPlan { .collect(limitBytes: 1024, budget: nil) }

  func refusal(of head: HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse {
    HTTPResponse(status: 413, body: ByteBuffer())
  }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    let head = request.head
    let asked = Asked(
      path: head.query.isEmpty ? head.path : "\(head.path)?\(head.query)",
      token: head.headers.first(name: "authorization"), accept: head.headers.first(name: "accept"))
    kept.withLock { $0.append(asked) }
    let (status, body) = reply(asked)
    responder.respond(HTTPResponse(status: status, body: ByteBuffer(string: body)))
  }

  /// A processor that asks this server; `more` are options besides.
  func processor(_ more: String = "") throws -> KubernetesAttributesProcessor {
    try madeKubernetesProcessor("auth_type: none, api_server: \"\(address)\"\(more.isEmpty ? "" : ", \(more)")")
  }
}

/// A processor with these options, in YAML's flow style.
func madeKubernetesProcessor(_ options: String) throws -> KubernetesAttributesProcessor {
  let yaml = """
    receivers: {otlp: {protocols: {http: }}}
    processors: {k8s_attributes: {\(options)}}
    exporters: {nop: }
    service: {pipelines: {logs: {receivers: [otlp], processors: [k8s_attributes], exporters: [nop]}}}
    """
  let configuration = try Configuration.load([.text(yaml, name: "f.yaml")], registry: .standard) { _ in nil }
  let made = configuration.processors.first?.options.makeProcessor(id: "k8s_attributes")
  guard let processor = made as? KubernetesAttributesProcessor else { throw HTTPCallError(reason: "no processor") }
  return processor
}
