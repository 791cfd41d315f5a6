import Access
import Files
import LogPipeline
import NIOHTTP1

/// Puts credentials into the heads of requests, and sends once more with others where they were refused.
struct PresentedCredentials: Sendable {
  private let credentials: (any RequestCredentials)?
  /// What is known of the requests that the records came in.
  private var metadata = SenderMetadata()

  /// Nil presents nothing.
  init(_ credentials: (any RequestCredentials)?) { self.credentials = credentials }

  /// The files that they use.
  var files: [UsedFiles] {
    (credentials?.files ?? []).map { UsedFiles(option: "auth.\($0.option)", $0.files) }
  }

  /// The same for records that are sent along a route with these header fields, of which some may be metadata.
  func of(_ route: [DialectRoute.Header]) -> PresentedCredentials {
    if credentials == nil { return self }
    var presented = self
    presented.metadata = SenderMetadata(route.filter(\.isMetadata).map { ($0.name, $0.value) })
    return presented
  }

  /// Sends a request with this head by `send`, which gets the head as it is to be and the time that is left. Throws
  /// what `send` throws, or a `CredentialFailure` if there is nothing to present.
  func send(
    _ head: HTTPHeaders, within limit: Duration, _ send: (HTTPHeaders, Duration) async throws -> Answer
  ) async throws -> Answer {
    guard let credentials else { return try await send(head, limit) }
    let deadline = ContinuousClock.now + limit
    var presented = head
    try await credentials.write(to: &presented, of: metadata, within: limit)
    let answer = try await send(presented, max(deadline - .now, .milliseconds(1)))
    guard answer.status.refusesCredentials, deadline > .now, credentials.wereRefused(in: presented) else {
      return answer
    }
    presented = head
    try await credentials.write(to: &presented, of: metadata, within: deadline - .now)
    return try await send(presented, max(deadline - .now, .milliseconds(1)))
  }
}

extension Answer.Status {
  /// Whether the destination does not know who sends: 401 (RFC 9110 section 15.5.2) or UNAUTHENTICATED.
  fileprivate var refusesCredentials: Bool {
    switch self {
    case .http(401): true
    case .grpc(let code): code == 16
    default: false
    }
  }
}
