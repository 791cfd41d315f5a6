import HTTPTransport
import LogStore
import NIOCore

/// Answers questions to the stores that this process writes, in the way of VictoriaLogs: `/select/logsql/…`.
///
/// A search runs on a thread of its own, never on an event loop, and ends when its client has gone; nothing that is
/// written waits for it.
struct SelectService: Sendable {
  static let prefix = "/select/logsql/"
  /// Bytes of a form that asks.
  static let maxBodyBytes = 256 << 10
  private let stores: OpenStores
  /// Fields of every answer's head.
  private let headers: HTTPHeaders
  private let readings = SearchGate()
  /// Questions that are read at once, or wait to be.
  static let maxReadings = 64
  private let tails = SearchGate()
  /// Tails at once: each looks for new records again and again.
  static let maxTails = 16

  init(_ stores: OpenStores, headers: HTTPHeaders) {
    self.stores = stores
    self.headers = headers
  }

  /// Answers a request whose path has the prefix with what somebody may see. `tell` hears of each look, and of its
  /// query the shape. A question is read on a thread of searches too: one with patterns takes a while.
  func respond(
    to request: HTTPRequest, by right: StoreRight, through responder: HTTPResponder,
    tell: @escaping @Sendable (_ query: String) -> Void = { _ in }
  ) {
    do throws(SelectRefusal) { try Self.enter(readings, limit: Self.maxReadings) } catch {
      return responder.respond(response(error))
    }
    stores.run {
      do throws(SelectRefusal) {
        let (store, question) = try read(request)
        tell(question.query.shape)
        let sight = StoreSight(store: store, right: right)
        if question.kind == .tail {
          try tail(question, in: sight, through: responder)
        } else {
          try search(question, in: sight, through: responder)
        }
      } catch {
        responder.respond(response(error))
      }
    }
  }

  private func read(
    _ request: HTTPRequest
  ) throws(SelectRefusal) -> (store: OpenStores.Store, question: SelectQuestion) {
    defer { readings.leave() }
    return try question(of: request)
  }

  private func question(
    of request: HTTPRequest
  ) throws(SelectRefusal) -> (store: OpenStores.Store, question: SelectQuestion) {
    let name = String(request.head.path.dropFirst(Self.prefix.count))
    guard let kind = SelectQuestion.Kind(rawValue: name) else {
      let known = SelectQuestion.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw SelectRefusal("known are \(known) of \(Self.prefix)", status: 404)
    }
    let form = request.head.method == "POST" ? String(decoding: request.body, as: UTF8.self) : ""
    let arguments = SelectArguments(query: request.head.query, form: form)
    return (
      try store(arguments["store"]), try SelectQuestion(kind, arguments, nowUnixNano: WallClock.unixNano)
    )
  }

  /// The store of an exporter, by default of the first.
  private func store(_ exporter: String?) throws(SelectRefusal) -> OpenStores.Store {
    let all = stores.all
    if let store = all.first(where: { exporter == nil || $0.exporter == exporter }) { return store }
    if all.isEmpty { throw SelectRefusal("no pipeline has an exporter of type store", status: 404) }
    let known = all.map(\.exporter).joined(separator: ", ")
    throw SelectRefusal("store: known are \(known)", status: 404)
  }

  private func search(
    _ question: SelectQuestion, in sight: StoreSight, through responder: HTTPResponder
  ) throws(SelectRefusal) {
    let store = sight.store
    try Self.enter(store.gate, limit: store.settings.maxSearches)
    var limits = store.settings.limits
    limits.duration = min(limits.duration, question.timeout ?? limits.duration)
    limits.isCancelled = { responder.isCancelled }
    let answer: HTTPResponse
    do {
      answer = response(try SelectAnswer(question, in: sight.view, limits))
    } catch {
      answer = response(error as? SelectRefusal ?? SelectRefusal("\(error)", status: 500))
    }
    // Before the answer, so that whoever asks again at once finds room.
    store.gate.leave()
    responder.respond(answer)
  }

  private static func enter(_ gate: SearchGate, limit: Int) throws(SelectRefusal) {
    do throws(SearchesBusy) { try gate.enter(limit: limit) } catch {
      throw SelectRefusal("\(error)", status: 429)
    }
  }

  private func tail(
    _ question: SelectQuestion, in sight: StoreSight, through responder: HTTPResponder
  ) throws(SelectRefusal) {
    let times = try question.tailTimes()
    try Self.enter(tails, limit: Self.maxTails)
    let tail = StoreTail(question, of: sight, in: stores, from: times.back)
    responder.start(status: 200, headers: head(question.contentType))
    Task { [tails] in
      await tail.run(each: times.interval, through: responder)
      tails.leave()
    }
  }

  // MARK: Answers

  private func head(_ contentType: String) -> HTTPHeaders {
    var headers = headers
    headers.add(name: "Content-Type", value: contentType)
    headers.add(name: "Cache-Control", value: "no-store")
    return headers
  }

  private func response(_ refusal: SelectRefusal) -> HTTPResponse {
    var headers = head("text/plain; charset=utf-8")
    if refusal.status == 429 { headers.add(name: "Retry-After", value: "1") }
    return HTTPResponse(status: refusal.status, headers: headers, body: ByteBuffer(string: refusal.message + "\n"))
  }

  /// A result that is not whole says so in a field of its head.
  private func response(_ answer: SelectAnswer) -> HTTPResponse {
    var headers = head(answer.contentType)
    if let incomplete = answer.incomplete { headers.add(name: "Sluice-Incomplete", value: incomplete) }
    if answer.report.damagedBlocks > 0 {
      headers.add(name: "Sluice-Damaged-Blocks", value: "\(answer.report.damagedBlocks)")
    }
    return HTTPResponse(status: 200, headers: headers, body: ByteBuffer(bytes: answer.body))
  }
}
