import Access
import HTTPTransport
import LogStore

/// The one way to what the admin port answers: of each request it says whether it may be made, by what
/// is demanded for it, before a body is taken.
struct AdminGate: Sendable {
  let access: AdminAccess
  /// Who may look, by the configuration in force; asked for each request.
  let policy: @Sendable () -> AdminPolicy
  let audit: AdminAudit
  /// The bodies of all requests that are under way.
  let bodies = ByteBudget(capacityBytes: 16 << 20)

  func plan(for head: inout HTTPRequestHead, _ entrance: AdminEntrance) -> HTTPBodyPlan {
    guard entrance.methods.contains(head.method) else {
      let methods = entrance.methods.filter { $0 != "HEAD" }.joined(separator: " and ")
      let allowed = [("Allow", entrance.methods.joined(separator: ", "))]
      return .refuse(AdminService.text(405, "only \(methods) is answered here\n", headers: allowed))
    }
    if entrance.demand == .nothing { return admit(&head, entrance, nil) }
    let policy = policy()
    if let (denial, sentence) = access.refusal(
      of: head, changing: entrance.demand.changesSomething, names: policy.hosts)
      ?? access.lack(of: head, isOfPage: entrance.isOfPage)
    {
      return refuse(head, denial, sentence)
    }
    guard let (chain, timeout) = policy.authentication else {
      guard AdminAccess.isOfThisMachine(head.remoteHost) else { return refuse(head, .address, AdminAccess.onlyHere) }
      return admit(&head, entrance, pass(nil, nil, Asking(head: head, entrance: entrance)))
    }
    if entrance.demand == .page, policy.takesTokens { return admit(&head, entrance, nil) }
    switch chain.judge(head) {
    case .decided(let verdict): return plan(for: &head, entrance, policy, verdict)
    case .later(let begin):
      return .later(within: timeout, budget: nil) { pending in
        begin(
          AuthenticationWaiter(isWaiting: { pending.isAwaited }) { verdict in
            pending.decide { head in plan(for: &head, entrance, policy, verdict) }
          })
      }
    }
  }

  private func pass(_ identity: Identity?, _ scope: RecordScope?, _ asked: Asking) -> AdminPass {
    AdminPass(identity, scope: scope, audit) { await renewed($0, of: asked.head, asked.entrance) }
  }

  /// What is asked for.
  private struct Asking {
    let head: HTTPRequestHead
    let entrance: AdminEntrance
  }

  /// What whoever has a pass may by now: credentials end, and rights are taken away by a reload. As before if that
  /// cannot be told for the moment.
  func renewed(_ old: AdminPass?, of head: HTTPRequestHead, _ entrance: AdminEntrance) async -> AdminPass? {
    let (policy, asked) = (policy(), Asking(head: head, entrance: entrance))
    guard let (chain, _) = policy.authentication else {
      return AdminAccess.isOfThisMachine(head.remoteHost) ? pass(nil, nil, asked) : nil
    }
    switch await chain.verdict(of: head) {
    case .identified(let identity):
      if case .granted(let scope) = policy.grant(entrance.demand, to: identity) { return pass(identity, scope, asked) }
      audit.tell(.lacking, head, by: identity)
    case .unavailable where old?.identity != nil: return old
    case .absent, .denied, .deniedToken, .forbidden, .unavailable:
      audit.tell(.credentialsWrong, head, by: old?.identity)
    }
    return nil
  }

  private func admit(_ head: inout HTTPRequestHead, _ entrance: AdminEntrance, _ pass: AdminPass?) -> HTTPBodyPlan {
    head.note = pass
    return .collect(limitBytes: entrance.maxBodyBytes, budget: bodies)
  }

  /// The plan for a request of somebody who has been judged.
  private func plan(
    for head: inout HTTPRequestHead, _ entrance: AdminEntrance, _ policy: AdminPolicy, _ verdict: AuthenticationVerdict
  ) -> HTTPBodyPlan {
    let challenges = (policy.authentication?.chain.challenges ?? []).map { ("WWW-Authenticate", $0) }
    switch verdict {
    case .identified(let identity):
      switch policy.grant(entrance.demand, to: identity) {
      case .granted(let scope):
        return admit(&head, entrance, pass(identity, scope, Asking(head: head, entrance: entrance)))
      case .lacking(let capability):
        let lacking = capability.map { "\($0.rawValue) in may" } ?? "anything in may"
        let sentence = "you are known and may not: no item of service.admin.access for you has \(lacking)"
        return refuse(head, .lacking, sentence, identity)
      }
    case .absent: return refuse(head, .credentialsMissing, "credentials are needed", status: 401, challenges)
    case .denied, .deniedToken:
      return refuse(head, .credentialsWrong, "the credentials are wrong", status: 401, challenges)
    case .forbidden: return refuse(head, .stranger, "you are known and may not")
    case .unavailable: return undecided(head)
    }
  }

  /// The answer to who cannot be judged in time.
  func unavailable(_ head: HTTPRequestHead) -> HTTPResponse {
    audit.tell(.unavailable, head, by: nil)
    return response(503, "who you are cannot be told now: try again\n", [("Retry-After", "1")])
  }

  private func undecided(_ head: HTTPRequestHead) -> HTTPBodyPlan { .refuse(unavailable(head)) }

  private func refuse(
    _ head: HTTPRequestHead, _ denial: AdminDenial, _ sentence: String, _ identity: Identity? = nil,
    status: Int = 403, _ headers: [(String, String)] = []
  ) -> HTTPBodyPlan {
    audit.tell(denial, head, by: identity)
    return .refuse(response(status, sentence + "\n", headers))
  }

  private func response(_ status: Int, _ text: String, _ headers: [(String, String)]) -> HTTPResponse {
    var response = AdminService.text(status, text, headers: headers + [("Cache-Control", "no-store")])
    response.headers.add(contentsOf: AdminAccess.headers)
    return response
  }
}
