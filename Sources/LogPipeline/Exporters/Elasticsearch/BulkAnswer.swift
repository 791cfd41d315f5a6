/// What Elasticsearch answered to a `_bulk` request of some records.
struct BulkAnswer {
  private let answer: Answer
  private let records: Int

  init(_ answer: Answer, records: Int) {
    self.answer = answer
    self.records = records
  }

  /// The longest reason that is kept of an answer.
  static let maxReasonBytes = 4096

  /// What the answer means for the records of the body, in their order.
  ///
  /// A status that says nothing of the records (wrong address, missing rights, proxy, overload) is tried again for
  /// ever. 400 may come from one bad line, so the body is halved until that is alone.
  func verdict(on lines: BulkLines) -> Verdict {
    switch answer.status {
    case 200...299: return itemsVerdict(on: lines)
    case 413: return .tooLarge(reason: reason)
    case 400 where !isFaultOfRequestLine: return .tooLarge(reason: reason)
    case 401, 403: return .retry(after: answer.retryAfter, reason: "credentials were not accepted: " + reason)
    default: return .retry(after: answer.retryAfter, reason: reason)
    }
  }

  private func itemsVerdict(on lines: BulkLines) -> Verdict {
    var items = BulkItems(maxItems: records)
    let isWhole = items.read(answer.body)
    if isWhole && !items.hasItems && items.errors == false { return .delivered(duplicates: 0) }
    if isWhole && items.failures.isEmpty && items.count == records { return .delivered(duplicates: 0) }
    if items.count == 0 || items.count > records {
      return .retry(after: answer.retryAfter, reason: "HTTP \(answer.status): " + shortfall(of: items))
    }
    let outcomes = outcomes(of: items, on: lines)
    let isAllStored = outcomes.resend.isEmpty && outcomes.refused.isEmpty
    return isAllStored ? .delivered(duplicates: outcomes.duplicates) : .mixed(outcomes)
  }

  private func shortfall(of items: BulkItems) -> String {
    if items.count > records { return "answer has more than the \(records) items sent" }
    return "answer of \(answer.body.count) bytes has \(items.count) of \(records) items"
  }

  /// Goes through records and items side by side; records without an item are sent again.
  private func outcomes(of items: BulkItems, on lines: BulkLines) -> Verdict.Outcomes {
    var outcomes = Verdict.Outcomes()
    var failures = items.failures[...]
    for (position, range) in lines.enumerated() {
      if position >= items.count {
        resend(range, reason: shortfall(of: items), in: &outcomes)
      } else if let failure = failures.first, failure.position == position {
        failures.removeFirst()
        settle(failure, range, lines, in: &outcomes)
      } else {
        outcomes.delivered += 1
      }
    }
    return outcomes
  }

  private func settle(
    _ failure: BulkItems.Failure, _ range: Range<Int>, _ lines: BulkLines, in outcomes: inout Verdict.Outcomes
  ) {
    if failure.status == 409 && lines.hasID(range) {
      outcomes.delivered += 1
      outcomes.duplicates += 1
    } else if failure.isTemporary {
      resend(range, reason: failure.reason, in: &outcomes)
    } else {
      outcomes.refused.append(Verdict.Refusal(range: range, reason: failure.reason))
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

  /// The status with the error that a whole request was answered with, if it is one of Elasticsearch's.
  private var reason: String {
    let error = wholeError
    return error.isEmpty ? "HTTP \(answer.status)" : "HTTP \(answer.status): \(error)"
  }

  private var wholeError: String {
    var scanner = JSONScanner(answer.body)
    var error = BulkItems.ErrorText()
    _ = scanner.object { scanner, key in
      scanner.isName(key, "error") ? error.read(&scanner) : scanner.skipValue()
    }
    return error.text
  }

  /// Elasticsearch knows a query parameter not that this version sends: no record is at fault.
  private var isFaultOfRequestLine: Bool { wholeError.contains("unrecognized parameter") }
}
