/// What Elasticsearch answered to a `_bulk` request of some records.
struct BulkAnswer {
  private let answer: Answer
  private let records: Int
  private let names: BulkNames
  /// Whether the request asked for an item of each record, so that an answer without any proves nothing.
  private let asksForItems: Bool

  init(_ answer: Answer, records: Int, names: BulkNames = BulkNames(), asksForItems: Bool = true) {
    self.answer = answer
    self.records = records
    self.names = names
    self.asksForItems = asksForItems
  }

  /// The longest reason that is kept of an answer.
  static let maxReasonBytes = 4096

  /// What the answer means for the records of the body, in their order.
  ///
  /// An error of Elasticsearch is a JSON object with an `error` that has a `type`; anything else came from a proxy or a
  /// wrong address. A status that says nothing of the records (missing rights, overload) is tried again for ever. 400
  /// may come from one bad line, so the body is halved until that is alone.
  func verdict(on lines: BulkLines) -> Verdict {
    if case .http(200...299) = answer.status { return itemsVerdict(on: lines) }
    let error = wholeError
    let reason = reason(error)
    switch answer.status {
    case .http(413): return .tooLarge(reason: reason)
    case .http(401), .http(407): return .retry(after: answer.retryAfter, reason: credentials(error))
    case .http(403) where error.type == "security_exception":
      return .retry(after: answer.retryAfter, reason: credentials(error))
    case .http(300...399), .http(408), .http(429), .http(500...599):
      return .retry(after: answer.retryAfter, reason: reason)
    case .http(400) where error.isOwn && !Self.isFaultOfRequest(error): return .tooLarge(reason: reason)
    default:
      return error.isOwn
        ? .retry(after: answer.retryAfter, reason: reason) : .unproven(after: answer.retryAfter, reason: reason)
    }
  }

  private func itemsVerdict(on lines: BulkLines) -> Verdict {
    var items = BulkItems(maxItems: records)
    let isWhole = items.read(answer.body)
    if isWhole && !asksForItems && !items.hasItems && items.errors == false { return .delivered(duplicates: 0) }
    if isWhole && items.notable.isEmpty && items.count == records { return .delivered(duplicates: 0) }
    if items.ownCount == 0 || items.count > records || items.isFollowed {
      let isOwn = items.hasItems || items.errors != nil
      let status =
        isOwn ? "\(answer.status), no evidence of success" : Reason.foreign(answer.status, "Elasticsearch")
      return .unproven(after: answer.retryAfter, reason: "\(status): \(shortfall(of: items))")
    }
    let outcomes = outcomes(of: items, on: lines)
    let isPlain = outcomes.resend.isEmpty && outcomes.rejected.isEmpty && outcomes.inFailureStore == 0
    return isPlain ? .delivered(duplicates: outcomes.duplicates) : .mixed(outcomes)
  }

  private func shortfall(of items: BulkItems) -> String {
    if items.isFollowed { return "the answer's object is followed by something else" }
    if items.count > records { return "answer has more than the \(records) items sent" }
    if items.count > 0, items.ownCount == 0 { return "answer has no item that answers one of the \(records) sent" }
    return "answer of \(answer.body.count) bytes has \(items.count) of \(records) items"
  }

  /// Goes through records and items side by side; records without an item are sent again.
  private func outcomes(of items: BulkItems, on lines: BulkLines) -> Verdict.Outcomes {
    var outcomes = Verdict.Outcomes()
    var notable = items.notable[...]
    for (position, range) in lines.enumerated() {
      if position >= items.count {
        resend(range, reason: shortfall(of: items), in: &outcomes)
      } else if let item = notable.first, item.position == position {
        notable.removeFirst()
        settle(item, range, lines, in: &outcomes)
      } else {
        outcomes.delivered += 1
      }
    }
    return outcomes
  }

  private func settle(
    _ item: BulkItems.Item, _ range: Range<Int>, _ lines: BulkLines, in outcomes: inout Verdict.Outcomes
  ) {
    if !item.isOwn {
      resend(range, reason: "item is no answer to what was sent", in: &outcomes)
    } else if item.isStored {
      outcomes.delivered += 1
      outcomes.inFailureStore += 1
      outcomes.inFailureStoreBytes += range.count
    } else if item.status == 409 && lines.hasID(range) {
      outcomes.delivered += 1
      outcomes.duplicates += 1
    } else if item.failureStore == .failed {
      outcomes.failureStoreFailed += 1
      resend(range, reason: "failure store could not take it: \(item.reason)", in: &outcomes)
    } else if let cause = BulkItemError.lasting(item) {
      outcomes.rejected.append(Verdict.Rejection(range: range, reason: cause))
    } else {
      resend(range, reason: BulkItemError.told(item, names), in: &outcomes)
    }
  }

  /// Adds a record to those to send again; neighbours become one range.
  private func resend(_ range: Range<Int>, reason: String, in outcomes: inout Verdict.Outcomes) {
    if outcomes.resendReason.isEmpty { outcomes.resendReason = reason }
    outcomes.resendRecords += 1
    if let last = outcomes.resend.last, last.upperBound == range.lowerBound {
      outcomes.resend[outcomes.resend.count - 1] = last.lowerBound..<range.upperBound
    } else {
      outcomes.resend.append(range)
    }
  }

  /// The status with the error that a whole request was answered with, or that it is none of Elasticsearch's.
  private func reason(_ error: BulkItems.ErrorText) -> String {
    error.isOwn ? "\(answer.status), \(error.text)" : Reason.foreign(answer.status, "Elasticsearch")
  }

  private func credentials(_ error: BulkItems.ErrorText) -> String {
    let status = "\(answer.status), credentials were not accepted"
    return error.isOwn ? "\(status): \(error.text)" : "\(status), not an answer of Elasticsearch"
  }

  /// The answer's error, also of an answer that is cut short; none if something follows the answer's object.
  private var wholeError: BulkItems.ErrorText {
    var scanner = JSONScanner(answer.body)
    var error = BulkItems.ErrorText()
    let isObject = scanner.object { scanner, key in
      scanner.isName(key, "error") ? error.read(&scanner) : scanner.skipValue()
    }
    return isObject && scanner.peek() != nil ? BulkItems.ErrorText() : error
  }

  /// Elasticsearch does not take the request line or the headers as this version sends them: no record is at fault.
  private static func isFaultOfRequest(_ error: BulkItems.ErrorText) -> Bool {
    error.type == "media_type_header_exception" || error.type == "not_x_content_exception"
      || error.text.contains("unrecognized parameter")
  }
}
