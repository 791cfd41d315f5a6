import HTTPTransport
import OTLPReceiver
import Synchronization
import Testing

@testable import Gateway

@Suite struct RefusalLogTests {
  private final class Clock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(by time: Duration) { instant.withLock { $0 = $0.advanced(by: time) } }
  }

  private let clock = Clock()
  private let capture = LogCapture()
  private var log: RefusalLog { RefusalLog(logger: capture.logger) { [clock] in clock.now } }

  @Test func saysTheFirstRefusalAtOnce() {
    log.count(.draining, receiver: "otlp")
    #expect(capture.lines.map(\.message) == ["request refused"])
    #expect(
      capture.lines.first?.fields
        == ["receiver": "otlp", "reason": Refusal.draining.message, "more_since_last_line": "0"])
    #expect(capture.lines.first?.level == .warning)
  }

  @Test func saysEachKindOnceInTenSecondsWithWhatWasLeftOut() {
    let log = log
    for _ in 0..<5 { log.count(.notFound, receiver: "otlp") }
    clock.advance(by: .milliseconds(9_999))
    log.count(.notFound, receiver: "otlp")
    #expect(capture.lines.count == 1)
    clock.advance(by: .milliseconds(1))
    log.count(.notFound, receiver: "otlp")
    #expect(capture.lines.map { $0.fields["more_since_last_line"] } == ["0", "5"])
    clock.advance(by: .seconds(10))
    log.count(.notFound, receiver: "otlp")
    #expect(capture.lines.last?.fields["more_since_last_line"] == "0")
  }

  @Test func saysWhoseHandshakeFailed() {
    let log = log
    let failure = TLSFailure(peer: "192.0.2.1:1", kind: .tlsPlainText, detail: "HTTP_REQUEST")
    for _ in 0..<3 { log.count(failure, receiver: "otlp") }
    log.count(TLSFailure(peer: "192.0.2.1:1", kind: .tlsBrokenOff, detail: ""), receiver: "otlp")
    #expect(capture.lines.map(\.message) == ["TLS handshake failed", "TLS handshake failed"])
    #expect(
      capture.lines.first?.fields
        == [
          "receiver": "otlp", "peer": "192.0.2.1:1", "reason": "tls_plain_text", "detail": "HTTP_REQUEST",
          "more_since_last_line": "0",
        ])
  }

  @Test func keepsKindsAndReceiversApart() {
    let log = log
    log.count(.notFound, receiver: "otlp")
    log.count(.draining, receiver: "otlp")
    log.count(.notFound, receiver: "otlp/other")
    log.count(.overBudget(neededBytes: 1, capacityBytes: 2), receiver: "otlp")
    log.count(.tooManyWatches(limit: 3), receiver: "otlp")
    #expect(capture.lines.count == 4)
  }
}
