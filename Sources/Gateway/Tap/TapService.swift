import HTTPTransport
import LogPipeline
import LogStore
import Logging
import NIOCore

/// Answers with records as they pass a stage of a pipeline, in lines of JSON, for as long as somebody reads.
struct TapService: Sendable {
  /// The pipelines in force and what may be taken of them; nil once the gateway ends.
  typealias Sources = @Sendable () -> (pipelines: [Pipeline], options: TapOptions)?

  private let sources: Sources
  /// Counts the looks of all ports.
  private let open: SearchGate

  init(counting open: SearchGate, _ sources: @escaping Sources) {
    self.sources = sources
    self.open = open
  }

  /// The stages that there are, for the page and `sluice tap`.
  var stages: AdminRoute {
    AdminRoute(method: .get, path: "/api/tap/stages", demand: .look(.tap)) { [sources] _ throws(AdminRefusal) in
      guard let (pipelines, options) = sources() else { throw Self.ends }
      let list = pipelines.filter { $0.signal == .logs }.map { pipeline in
        let stages = TapStages(pipeline: pipeline)
        let all = stages.all.map { stage in
          AdminJSON.object([
            ("stage", .text("\(stage)")),
            ("shown", .flag(options.showsUnredacted || !stages.isBeforeRedaction(stage))),
          ])
        }
        return AdminJSON.object([("pipeline", .text(pipeline.id)), ("stages", .list(all))])
      }
      return .object([("records_per_second", .number(options.recordsPerSecond)), ("pipelines", .list(list))])
    }
  }

  private static var ends: AdminRefusal { AdminRefusal("the gateway ends", status: 503) }

  /// Shows records to somebody until the request is cancelled or something ends it; the log has a line of both ends.
  func respond(to request: HTTPRequest, for pass: AdminPass, through responder: HTTPResponder) {
    do throws(AdminRefusal) {
      guard let (pipelines, options) = sources() else { throw Self.ends }
      let form = request.head.method == "POST" ? String(decoding: request.body, as: UTF8.self) : ""
      let question = try TapQuestion(
        SelectArguments(query: request.head.query, form: form), of: pipelines, options)
      let tap = try begin(question, options)
      pass.noteTap("opened a tap", request.head, Self.fields(question))
      responder.start(status: 200, headers: AdminAccess.head("application/stream+json"))
      let feed = TapFeed(tap, question, options, by: pass.right)
      Task { [open] in
        let end = await feed.run(through: responder)
        question.pipeline.tapPoint.remove(tap)
        open.leave()
        pass.noteTap(
          "closed a tap", request.head, Self.fields(question).merging(end.fields) { $1 })
      }
    } catch {
      if error.status == 403 { pass.noteTap("was refused a tap", request.head, [:]) }
      var headers = AdminAccess.head("text/plain; charset=utf-8")
      if error.status == 429 || error.status == 503 { headers.add(name: "Retry-After", value: "1") }
      responder.respond(
        HTTPResponse(status: error.status, headers: headers, body: ByteBuffer(string: error.message + "\n")))
    }
  }

  private func begin(_ question: TapQuestion, _ options: TapOptions) throws(AdminRefusal) -> Tap {
    let limit = options.maxTaps
    do throws(SearchesBusy) { try open.enter(limit: limit) } catch {
      throw AdminRefusal(
        "\(limit) taps are open: the limit is \(limit) (service.admin.tap.max_taps)", status: 429)
    }
    let tap = Tap(question.stage, maxWaitingBytes: options.maxWaitingBytes)
    if let reason = question.pipeline.tapPoint.add(tap) {
      open.leave()
      throw AdminRefusal("\(reason): ask again", status: 503)
    }
    return tap
  }

  private static func fields(_ question: TapQuestion) -> Logger.Metadata {
    [
      "pipeline": "\(question.pipeline.id)", "stage": "\(question.stage)",
      "unredacted": "\(question.isUnredacted)",
    ]
  }
}
