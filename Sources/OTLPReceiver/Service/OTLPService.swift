import Access
package import HTTPTransport
package import LogPipeline
import NIOCore
import struct NIOHTTP1.HTTPHeaders
import Options
import Synchronization

/// The OTLP services of the signals that pipelines are of, over gRPC and HTTP on one port, with gRPC health checks.
///
/// Every path ends in exactly one answer: a success, or a `Refusal` written as `StatusTable.swift` says.
package final class OTLPService: HTTPService {
  /// Told of every refusal and whose request it was, for the log; called on any thread.
  package typealias Report = @Sendable (Refusal, HTTPRequestHead) -> Void

  private let routes: Routes
  private let first: Intake
  private let others: [Signal: Intake]
  private let health: HealthService
  private let cors: CORS?
  private let responseHeaders: HTTPHeaders
  private let counters: ReceiverCounters
  private let workers: RequestWorkers?
  private let authentication: OTLPAuthentication
  private let report: Report?
  private let atWork = Atomic<Int>(0)

  /// What takes the requests of one signal.
  private struct Intake: Sendable {
    let admission: Admission
    let handler: ExportHandler
  }

  /// A service whose bodies take their memory from `budget`, which it may share with others; `others` are what takes
  /// other signals than the first. Without `workers` every request is worked on by the event loop that received it.
  package init(
    _ pipeline: IngestPipeline, and others: [IngestPipeline] = [], options: OTLPServiceOptions = OTLPServiceOptions(),
    budget: ByteBudget, health: HealthState, counters: ReceiverCounters, workers: RequestWorkers? = nil,
    authentication: OTLPAuthentication = OTLPAuthentication(), report: Report? = nil
  ) {
    routes = Routes(options, taking: ([pipeline] + others).map(\.signal))
    cors = CORS(options.cors)
    responseHeaders = HTTPHeaders(options.responseHeaders.map { ($0.name, $0.value) })
    let intake = { (pipeline: IngestPipeline) in
      Intake(
        admission: Admission(pipeline, budget: budget, load: workers?.load),
        handler: ExportHandler(pipeline: pipeline, options: options, budget: budget))
    }
    first = intake(pipeline)
    self.others = Dictionary(others.map { ($0.signal, intake($0)) }) { first, _ in first }
    self.health = HealthService(state: health, options: options, signals: routes.signals)
    self.counters = counters
    self.workers = workers
    self.authentication = authentication
    self.report = report
  }

  private func intake(_ signal: Signal) -> Intake {
    signal == first.handler.pipeline.signal ? first : others[signal] ?? first
  }

  private var intakes: [Intake] { [first] + others.values }
  private var options: OTLPServiceOptions { first.handler.options }
  private var budget: ByteBudget { first.handler.budget }
  private var tenants: Tenants? { first.handler.pipeline.tenants }

  /// Refuses further export requests with a hint to retry; requests that are being received finish.
  package func drain() { for intake in intakes { intake.admission.drain() } }

  /// Gives memory back that was kept for requests and was not used since the last time. Call it now and then.
  package func trim() { for intake in intakes { intake.handler.scratches.trim() } }

  package func note(on head: HTTPRequestHead) -> HTTPNote? { RequestAim(head, routes, tenants) }

  private func aim(_ head: HTTPRequestHead) -> RequestAim {
    head.note as? RequestAim ?? RequestAim(head, routes, tenants)
  }

  package func plan(for head: inout HTTPRequestHead) -> HTTPBodyPlan {
    if let answer = cors?.preflight(head) { return .refuse(dress(answer, for: head)) }
    let aim = aim(head)
    guard let port = authentication[head.listener], aim.isForKnownSenders else { return plan(for: head, aim) }
    switch port.chain.judge(head) {
    case .decided(let verdict):
      return plan(for: &head, aim, verdict, port)
    case .later(let begin):
      return .later(within: port.timeout, budget: budget) { pending in
        begin(
          AuthenticationWaiter(isWaiting: { pending.isAwaited }) { verdict in
            pending.decide { head in self.plan(for: &head, aim, verdict, port) }
          })
      }
    }
  }

  /// The plan for a request whose sender has been judged.
  private func plan(
    for head: inout HTTPRequestHead, _ aim: RequestAim, _ verdict: AuthenticationVerdict, _ port: PortAuthentication
  ) -> HTTPBodyPlan {
    switch verdict {
    case .identified(let identity):
      if let signal = try? aim.route.get().signal, !identity.maySend(signal) {
        return .refuse(refuse(head, aim.form, .permissionDenied(.signal)))
      }
      let known = RequestAim(aim, of: identity, head)
      head.note = known
      return plan(for: head, known)
    case .absent, .denied, .deniedToken:
      let cause = Refusal.CredentialFault(verdict)
      return .refuse(refuse(head, aim.form, .unauthenticated(cause, challenges: port.chain.challenges)))
    case .forbidden:
      return .refuse(refuse(head, aim.form, .permissionDenied(.sender)))
    case .unavailable:
      return .refuse(refuse(head, aim.form, .authenticationUnavailable))
    }
  }

  /// The plan for a request that may be sent.
  private func plan(for head: HTTPRequestHead, _ aim: RequestAim) -> HTTPBodyPlan {
    do {
      let route = try aim.route.get()
      var memory: TenantMemory?
      if route.isExport, let signal = route.signal {
        let admission = intake(signal).admission
        try admission.admit(bodyBytes: aim.declaredBodyBytes)
        let tenant = try aim.tenant(of: head, by: tenants)
        memory = try admission.admit(tenant, from: aim.sender, bodyBytes: aim.declaredBodyBytes)
      }
      let limitBytes = min(limitBytes(route), budget.capacityBytes, memory?.mostOfRequest ?? .max)
      return .collect(limitBytes: limitBytes, budget: memory?.budget ?? budget, within: route.timeout)
    } catch {
      return .refuse(refuse(head, aim.form, error))
    }
  }

  package func refusal(of head: HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse {
    let aim = aim(head)
    let form = aim.form
    switch reason {
    case .tooLarge(let bytes, let limitBytes):
      if let memory = memory(of: head, aim), memory.mostOfRequest == limitBytes {
        return refuse(head, form, .tenant(memory.refusal(neededBytes: bytes)))
      }
      return refuse(head, form, .tooLarge(excess(form, bytes: bytes, limitBytes: limitBytes)))
    case .overBudget(let needed, let capacity):
      return refuse(head, form, .overBudget(neededBytes: needed, capacityBytes: capacity))
    case .overAccount(let needed):
      let refusal = memory(of: head, aim).map { Refusal.tenant($0.refusal(neededBytes: needed)) }
      return refuse(head, form, refusal ?? .overBudget(neededBytes: needed, capacityBytes: budget.capacityBytes))
    case .timedOut(let after):
      if let timeout = try? aim.route.get().timeout, after >= timeout {
        return refuse(head, form, .deadlineExceeded(timeout: timeout))
      }
      return refuse(head, form, .slowBody(after: after))
    case .undecided:
      return refuse(head, form, .authenticationUnavailable)
    }
  }

  /// The memory of those whose an export request is; nil where tenants are not told apart.
  private func memory(of head: HTTPRequestHead, _ aim: RequestAim) -> TenantMemory? {
    guard (try? aim.route.get().isExport) == true else { return nil }
    let tenant = (try? aim.tenant(of: head, by: tenants)) ?? nil
    return first.admission.memory(of: tenant, from: aim.sender)
  }

  package func respond(to request: consuming HTTPRequest, through responder: HTTPResponder) {
    begin()
    respondBegun(to: request, through: responder)
  }

  /// Requests that may still append to a queue.
  var requestsAtWork: Int { atWork.load(ordering: .acquiring) }

  /// Counts a request as being worked on; `respondBegun` has to follow.
  func begin() { atWork.add(1, ordering: .relaxed) }

  private func end() { atWork.subtract(1, ordering: .releasing) }

  /// Answers a request that has been counted.
  func respondBegun(to request: consuming HTTPRequest, through responder: HTTPResponder) {
    guard let workers else { return work(on: request, at: .huge, through: responder) }
    let expandedBytes = first.handler.expandedBytes(of: request, aim(request.head).route)
    let place = workers.place(of: request, expandedBytes: expandedBytes, from: responder.eventLoop)
    if place == .loop { return work(on: request, at: place, through: responder) }
    handOver(request, to: place, through: responder)
  }

  /// Has a worker go on with a request; without one it stays where it is.
  private func handOver(_ request: consuming HTTPRequest, to place: RequestPlace, through responder: HTTPResponder) {
    guard let workers else { return work(on: request, at: .huge, through: responder) }
    let turn = turn(of: request.head)
    workers.take(request, at: place, of: turn) { request in
      // Nobody waits for the answer of a client that has left.
      if responder.isCancelled { return self.end() }
      self.work(on: request, at: place, through: responder)
    }
  }

  /// The turn of the tenant that a head names.
  private func turn(of head: HTTPRequestHead) -> WorkTurn {
    let aim = aim(head)
    let named = (try? aim.tenant(of: head, by: tenants)) ?? nil
    return first.admission.turn(of: named, from: aim.sender)
  }

  /// Works on a request and counts it as done, unless it is handed over.
  private func work(on request: consuming HTTPRequest, at place: RequestPlace, through responder: HTTPResponder) {
    var isHandedOver = false
    defer { if !isHandedOver { end() } }
    let head = request.head
    let aim = aim(head)
    do throws(Refusal) {
      switch try aim.route.get() {
      case .httpExport(let signal, let form, let coding):
        let tally = counters.tally(RequestProtocol(form))
        let intake = intake(signal)
        let bounds = bounds(of: place, intake, responder)
        switch try intake.handler.export(&request, form: form, coding: coding, tally: tally, bounds) {
        case .done(let receipt): acknowledge(receipt, of: Asking(head, form, signal), tally, through: responder)
        case .refused(let refusal): responder.respond(refuseCounted(head, form, refusal))
        case .tooLargeHere:
          isHandedOver = true
          handOver(request, to: place.next, through: responder)
        case .abandoned: break
        }
      case .grpcExport(let signal, let call):
        if let timeout = call.timeout, timeout <= head.age {
          throw .deadlineExceeded(timeout: timeout)
        }
        let tally = counters.tally(.grpc)
        let intake = intake(signal)
        switch try intake.handler.export(&request, call: call, tally: tally, bounds(of: place, intake, responder)) {
        case .done(let receipt): acknowledge(receipt, of: Asking(head, .grpc, signal), tally, through: responder)
        case .refused(let refusal): responder.respond(refuseCounted(head, .grpc, refusal))
        case .tooLargeHere:
          isHandedOver = true
          handOver(request, to: place.next, through: responder)
        case .abandoned: break
        }
      case .healthCheck(let call):
        responder.respond(try health.check(request.body, call))
      case .healthWatch(let call):
        try health.watch(request.body, call, through: responder)
      case .discard(let signal, let form):
        counters.tally(RequestProtocol(form)).countDiscarded(signal)
        // Success of every signal is the message without fields (OTLP specification, "Full Success").
        responder.respond(form.isGRPC ? GRPCAnswer.ok() : dress(HTTPAnswer.ok(form, warning: nil), for: head))
      }
    } catch {
      responder.respond(refuse(head, aim.form, error))
    }
  }

  private func bounds(of place: RequestPlace, _ intake: Intake, _ responder: HTTPResponder) -> ExportBounds {
    ExportBounds(mostBytes: workers == nil ? .max : place.mostBytes, admission: intake.admission, responder: responder)
  }

  /// A request that is answered later.
  private struct Asking: Sendable {
    let head: HTTPRequestHead
    let form: RequestForm
    let signal: Signal

    init(_ head: HTTPRequestHead, _ form: RequestForm, _ signal: Signal) {
      self.head = head
      self.form = form
      self.signal = signal
    }
  }

  /// Answers as soon as the request's records are as safe as its pipelines ask for, or have not become so in time.
  private func acknowledge(
    _ receipt: IngestReceipt, of asking: Asking, _ tally: RequestTally, through responder: HTTPResponder
  ) {
    let (head, form, signal) = (asking.head, asking.form, asking.signal)
    if receipt.isSettled && receipt.pause == .zero {
      tally.count(receipt, of: signal, after: head.age)
      return responder.respond(accept(receipt, head, form))
    }
    let answer: @Sendable (Refusal?) -> Void = { refusal in
      if let refusal {
        tally.count(refusal, records: receipt.records, of: signal)
        return responder.respond(self.refuseCounted(head, form, refusal))
      }
      tally.count(receipt, of: signal, after: head.age)
      responder.respond(self.accept(receipt, head, form))
    }
    let acceptAfterPause: @Sendable () -> Void = {
      if receipt.pause == .zero { return answer(nil) }
      responder.eventLoop.scheduleTask(in: TimeAmount(receipt.pause)) { answer(nil) }
    }
    if receipt.isSettled { return acceptAfterPause() }
    let settlement = Settlement(receipt)
    let timer = receipt.waitLimit.map { limit in
      responder.eventLoop.scheduleTask(in: TimeAmount(limit)) {
        guard settlement.forget() else { return }
        answer(.notDelivered(after: head.age, limit: limit))
      }
    }
    settlement.begin { refusal in
      timer?.cancel()
      // Whoever waits for delivery is held up enough.
      if refusal == nil, receipt.waitLimit == nil { return acceptAfterPause() }
      answer(refusal.map { self.refusal($0, after: head.age, limit: receipt.waitLimit) })
    }
    guard let timer, let limit = receipt.waitLimit else { return }
    responder.onCancel {
      timer.cancel()
      guard settlement.forget() else { return }
      answer(.notDelivered(after: head.age, limit: limit))
    }
  }

  /// Why a sender is refused whose records are queued. A queue that is closed while the gateway goes on has changed
  /// hands with all that it holds.
  private func refusal(_ refusal: IngestRefusal, after age: Duration, limit: Duration?) -> Refusal {
    if case .queue(.closed, _) = refusal, let limit, !first.admission.isDraining {
      return .notDelivered(after: age, limit: limit)
    }
    return Refusal(refusal)
  }

  private func accept(_ receipt: IngestReceipt, _ head: HTTPRequestHead, _ form: RequestForm) -> HTTPResponse {
    let warning = warning(receipt)
    if form.isGRPC { return GRPCAnswer.ok(warning?.protobuf ?? []) }
    return dress(HTTPAnswer.ok(form, warning: warning), for: head)
  }

  private func warning(_ receipt: IngestReceipt) -> ExportWarning? {
    ExportWarning(receipt, mentionsMending: options.warnSenders)
  }

  /// Refuses a request whose records are not known.
  private func refuse(_ head: HTTPRequestHead, _ form: RequestForm?, _ refusal: Refusal) -> HTTPResponse {
    if refusal.kind.isOfKnownSender { countUsage(of: head) }
    return refuseCounted(head, form, refusal)
  }

  /// Counts a request that was refused to the tenant that its head names.
  private func countUsage(of head: HTTPRequestHead) {
    guard let tenants else { return }
    let aim = aim(head)
    guard let route = try? aim.route.get(), route.isExport else { return }
    let intake = intakes.first { $0.handler.pipeline.signal == route.signal }
    guard let usage = intake?.handler.pipeline.usage else { return }
    guard let tenant = try? aim.tenant(of: head, by: tenants) else { return }
    tenant.name.withUnsafeBytes { usage.refused(tenant: $0) }
  }

  /// Counts and reports a refusal and writes its answer in the request's form.
  private func refuseCounted(_ head: HTTPRequestHead, _ form: RequestForm?, _ refusal: Refusal) -> HTTPResponse {
    counters.tally(RequestProtocol(form)).count(refusal, after: head.age)
    if case .tenant(let refusal) = refusal { tenants?.note(refusal) }
    report?(refusal, head)
    if let form, form.isGRPC { return GRPCAnswer.refusal(refusal, retryHint: options.retryHint) }
    return dress(HTTPAnswer.refusal(refusal, form: form, retryHint: options.retryHint), for: head)
  }

  /// Adds what every answer over HTTP carries.
  private func dress(_ response: HTTPResponse, for head: HTTPRequestHead) -> HTTPResponse {
    if responseHeaders.isEmpty && cors == nil { return response }
    var response = response
    response.headers.add(contentsOf: responseHeaders)
    cors?.permit(head, in: &response.headers)
    return response
  }

  private func limitBytes(_ route: Route) -> Int {
    switch route {
    case .httpExport: options.maxRequestBodyBytes
    case .grpcExport: options.maxMessageBytes &+ GRPCPrefix.byteCount
    case .healthCheck, .healthWatch: options.maxHealthMessageBytes &+ GRPCPrefix.byteCount
    case .discard(_, let form):
      form.isGRPC ? options.maxMessageBytes &+ GRPCPrefix.byteCount : options.maxRequestBodyBytes
    }
  }

  private func excess(_ form: RequestForm?, bytes: Int, limitBytes: Int) -> Refusal.SizeExcess {
    guard let form, form.isGRPC else { return .requestBody(bytes: bytes, limitBytes: limitBytes) }
    let prefix = GRPCPrefix.byteCount
    return .grpcMessage(bytes: bytes &- prefix, limitBytes: limitBytes &- prefix)
  }
}
