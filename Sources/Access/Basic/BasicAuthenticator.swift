package import Files
package import HTTPTransport
import Synchronization

/// The scheme Basic (RFC 7617): users and passwords against an htpasswd file.
///
/// A password hash is made to take long. So it is computed on threads of its own, and what was found out of credentials
/// is remembered by a keyed hash of them, for as long as the file says the same of the user.
package final class BasicAuthenticator: Authenticator {
  package let challenge: String? = "Basic realm=\"sluice\""
  private let id: String
  private let limits: BasicAuthLimits
  private let file: WatchedFiles<Htpasswd>
  private let keyed = KeyedHash()
  private let state: Mutex<State>
  private let threads: CheckThreads

  /// What was found out of credentials.
  private struct Finding: Sendable {
    /// Nil if they are wrong.
    let identity: Identity?
    let user: String
    /// What the file said of the user then, if there was one.
    let hash: PasswordHash?
  }

  private struct State: Sendable {
    var right: BoundedMemory<KeyedHash.Value, Finding>
    var wrong: BoundedMemory<KeyedHash.Value, Finding>
    /// Who waits for what is being found out.
    var waiting: [KeyedHash.Value: [AuthenticationWaiter]] = [:]
  }

  package init(id: String, _ file: WatchedFiles<Htpasswd>, limits: BasicAuthLimits) {
    self.id = id
    self.file = file
    self.limits = limits
    state = Mutex(State(right: .init(maxCount: limits.maxRight), wrong: .init(maxCount: limits.maxWrong)))
    threads = CheckThreads(
      count: limits.threads, maxWaiting: limits.maxWaiting, maxWaitingOfOwner: limits.maxWaitingOfAddress)
  }

  package var files: [UsedFiles] { file.paths.isEmpty ? [] : [UsedFiles(option: "htpasswd.file", file)] }

  package func judge(_ head: HTTPRequestHead) -> Authentication {
    switch HeaderCredentials(head, name: "authorization", scheme: "Basic", maxBytes: limits.maxCredentialBytes) {
    case .absent: return .decided(.absent)
    case .unusable: return .decided(.denied)
    case .text(let text): return judge(text, from: head)
    }
  }

  private func judge(_ text: String, from head: HTTPRequestHead) -> Authentication {
    guard let key = keyed.value(of: text) else { return .decided(.unavailable) }
    if let known = remembered(key) { return .decided(verdict(of: known)) }
    guard let pair = BasicCredentials(text, limits) else { return .decided(.denied) }
    let address = head.remoteNetwork
    return .later { [weak self] waiter in
      guard let self else { return waiter.tell(.unavailable) }
      self.find(pair, key, from: address, for: waiter)
    }
  }

  private func verdict(of finding: Finding) -> AuthenticationVerdict {
    finding.identity.map { .identified($0) } ?? .denied
  }

  /// What is known of credentials and still holds.
  private func remembered(_ key: KeyedHash.Value) -> Finding? {
    let finding = state.withLock { $0.right.value(of: key) ?? $0.wrong.value(of: key) }
    guard let finding, file.value.hash(of: finding.user) == finding.hash else { return nil }
    return finding
  }

  /// Has a thread find out whether credentials are right; those that several wait for are looked at once.
  private func find(
    _ pair: BasicCredentials, _ key: KeyedHash.Value, from address: String, for waiter: AuthenticationWaiter
  ) {
    let isFirst = state.withLock { state in
      state.waiting[key, default: []].append(waiter)
      return state.waiting[key]?.count == 1
    }
    guard isFirst else { return }
    let isTaken = threads.take(of: address) { [weak self] in self?.check(pair, key) }
    if !isTaken { tell(.unavailable, key) }
  }

  /// For a thread that may take its time.
  private func check(_ pair: BasicCredentials, _ key: KeyedHash.Value) {
    // Nobody waits for the verdict of a client that has left.
    let waiters = state.withLock { $0.waiting[key] } ?? []
    guard waiters.contains(where: { $0.isWaiting() }) else { return tell(.unavailable, key) }
    let file = file.value
    let hash = file.hash(of: pair.user)
    guard let isSame = (hash ?? file.costliest).matches(pair.password) else { return tell(.unavailable, key) }
    let isRight = isSame && hash != nil
    let identity = isRight ? Identity(authenticator: id, attributes: [("username", pair.user)]) : nil
    let finding = Finding(identity: identity, user: pair.user, hash: hash)
    state.withLock { state in
      state.right.remove(key)
      state.wrong.remove(key)
      if isRight { state.right.add(finding, of: key) } else { state.wrong.add(finding, of: key) }
    }
    tell(verdict(of: finding), key)
  }

  private func tell(_ verdict: AuthenticationVerdict, _ key: KeyedHash.Value) {
    let waiters = state.withLock { $0.waiting.removeValue(forKey: key) } ?? []
    for waiter in waiters { waiter.tell(verdict) }
  }
}

/// The user and the password that a head presents.
struct BasicCredentials: Sendable, Equatable {
  let user: String
  let password: [UInt8]

  /// Reads the text behind the scheme (RFC 7617 section 2); nil if it is malformed or longer than it may be.
  init?(_ text: String, _ limits: BasicAuthLimits) {
    guard let bytes = Base64.decode(text.utf8), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      colon <= limits.maxUserBytes, bytes.count - colon - 1 <= limits.maxPasswordBytes,
      // RFC 7617 section 2: no control characters; a NUL would end a password early.
      bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let user = String(validating: bytes[..<colon], as: UTF8.self)
    else { return nil }
    self.user = user
    password = Array(bytes[(colon + 1)...])
  }
}

extension BasicAuthLimits {
  /// The most that credentials within the limits come to in base64.
  var maxCredentialBytes: Int { (maxUserBytes + 1 + maxPasswordBytes + 2) / 3 * 4 }
}
