/// What to do with a request's body, decided by its head, before a byte of it is taken.
package enum HTTPBodyPlan: Sendable {
  /// Gather up to `limitBytes`, reserving what is held from `budget` until the response is finished. A body that is
  /// not whole after `within`, if that is given, is refused as timed out, however fast it comes.
  case collect(limitBytes: Int, budget: ByteBudget?, within: Duration? = nil)
  /// Answer now and take no body.
  case refuse(HTTPResponse)
  /// Begin what makes the plan, and take no body until it is made. What the client has sent by then is held, in memory
  /// reserved from `budget`; without a plan after `within` the request is refused as undecided.
  case later(within: Duration, budget: ByteBudget?, begin: @Sendable (HTTPPendingPlan) -> Void)
}

/// Why the transport stopped gathering a body.
package enum HTTPBodyRefusal: Sendable, Equatable {
  /// The body has (or declares) at least `bytes`, more than the plan's `limitBytes`.
  case tooLarge(bytes: Int, limitBytes: Int)
  /// Holding `neededBytes` more would exceed the budget's `capacityBytes`.
  case overBudget(neededBytes: Int, capacityBytes: Int)
  /// The account of those whose body it is has no room for one of at least `neededBytes`.
  case overAccount(neededBytes: Int)
  /// The body stopped arriving, or arrived slower than the least accepted rate, for `after`,
  /// or was not whole after the plan's `within`.
  case timedOut(after: Duration)
  /// The service has not said after so long what it plans.
  case undecided(after: Duration)
}

/// What a server serves: it plans each body by its head and answers each whole request.
package protocol HTTPService: Sendable {
  /// What the service wants to keep of a head, to find it in `head.note` from then on; requests of one connection with
  /// the same fields share it. Called on the event loop, before `plan`.
  func note(on head: HTTPRequestHead) -> HTTPNote?
  /// Called on the event loop once a head is complete. What is noted on the head then is this request's alone.
  func plan(for head: inout HTTPRequestHead) -> HTTPBodyPlan
  /// The answer to a request whose body the transport refused; called on the event loop.
  func refusal(of head: HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse
  /// Called on the event loop with a whole request; the answer may be given later, from any thread.
  func respond(to request: consuming HTTPRequest, through responder: HTTPResponder)
}

extension HTTPService {
  package func note(on head: HTTPRequestHead) -> HTTPNote? { nil }
}
