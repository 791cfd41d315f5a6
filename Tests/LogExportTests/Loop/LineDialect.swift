import FrameQueues
import LogExport
import LogPipeline
import Synchronization

/// A dialect for tests: a record is a line of five bytes, `0042\n`. An answer of status 207 has one letter for each
/// record: d delivered, u duplicate, r resend, x rejected, f in the failure store.
struct LineDialect: Dialect {
  static let recordBytes = 5
  var route = DialectRoute.http(path: "/lines", headers: [])

  func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {}

  func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    switch answer.status {
    case .http(200): .delivered(duplicates: 0)
    case .http(204): .unproven(after: nil, reason: "no evidence: later")
    case .http(404): .unproven(after: nil, reason: "not the server's own: later")
    case .http(207): .mixed(outcomes(answer.body))
    case .http(413): .tooLarge(reason: "too large: \(body.count) bytes")
    case .http(500): .retry(after: nil, reason: "server error: later")
    case .http(429): .retry(after: answer.retryAfter, reason: "busy: later")
    default: .rejected(reason: "bad_line: \(String(decoding: body, as: UTF8.self))")
    }
  }

  private func outcomes(_ letters: [UInt8]) -> Verdict.Outcomes {
    var outcomes = Verdict.Outcomes()
    for (index, letter) in letters.enumerated() {
      let range = index * Self.recordBytes..<(index + 1) * Self.recordBytes
      switch letter {
      case UInt8(ascii: "r"):
        outcomes.resendRecords += 1
        outcomes.resendReason = "busy: line"
        if let last = outcomes.resend.last, last.upperBound == range.lowerBound {
          outcomes.resend[outcomes.resend.count - 1] = last.lowerBound..<range.upperBound
        } else {
          outcomes.resend.append(range)
        }
      case UInt8(ascii: "x"):
        outcomes.rejected.append(.init(range: range, reason: "bad_line: 42"))
      default:
        outcomes.delivered += 1
        outcomes.duplicates += letter == UInt8(ascii: "u") ? 1 : 0
        outcomes.inFailureStore += letter == UInt8(ascii: "f") ? 1 : 0
        outcomes.inFailureStoreBytes += letter == UInt8(ascii: "f") ? Self.recordBytes : 0
      }
    }
    return outcomes
  }

  func middle(of body: UnsafeRawBufferPointer) -> Split? {
    let records = body.count / Self.recordBytes
    guard records > 1 else { return nil }
    return Split(offset: records / 2 * Self.recordBytes, recordsBefore: records / 2)
  }
}

/// Lines with these numbers.
func lines(_ numbers: some Sequence<Int>) -> [UInt8] {
  numbers.flatMap { number -> [UInt8] in
    let digits = String(number)
    return Array(String(repeating: "0", count: max(4 - digits.utf8.count, 0)).utf8) + Array(digits.utf8) + [0x0a]
  }
}

/// The numbers of lines.
func numbers(_ bytes: [UInt8]) -> [Int] {
  bytes.split(separator: 0x0a).map { Int(String(decoding: $0, as: UTF8.self)) ?? -1 }
}

extension MemoryQueue {
  /// Appends lines, each a frame of its own or all in one.
  func append(lines numbers: some Sequence<Int>, inFramesOf size: Int = 1) {
    let bytes = lines(numbers)
    let total = bytes.count / LineDialect.recordBytes
    let marks = stride(from: 0, to: total, by: size).map { start in
      let end = min(start + size, total)
      return FrameMark(endOffset: end * LineDialect.recordBytes, records: end - start)
    }
    _ = bytes.withUnsafeBytes { append($0, frames: marks) }
  }
}

extension ExportBody {
  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
