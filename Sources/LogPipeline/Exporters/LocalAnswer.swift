/// What the answer of a local file or stream means, which takes a whole body or none of it.
enum LocalAnswer {
  static func judge(_ answer: Answer) -> Verdict {
    switch answer.status {
    case .local: .delivered(duplicates: 0)
    case .http, .grpc:
      .retry(after: answer.retryAfter, reason: Reason.joined("not written", Reason.text(answer.message.utf8)))
    }
  }
}
