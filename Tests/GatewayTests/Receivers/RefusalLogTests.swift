import HTTPTransport
import LogPipeline
import OTLPReceiver
import Options
import Synchronization
import Testing

@testable import Gateway

@Suite struct RefusalLogTests {
  private let clock = TestClock()
  private let capture = LogCapture()
  private let head = HTTPRequestHead(
    method: "POST", path: "/v1/log", query: "token=secret",
    headers: ["user-agent": "agent\u{1B}[31m/1", "authorization": "Bearer secret"], remoteAddress: "10.0.0.1:4711")
  private var notFound: Refusal { .notFound(Asked(head)) }
  private var log: RefusalLog { RefusalLog(logger: capture.logger) { [clock] in clock.now } }

  @Test func saysTheFirstRefusalAtOnceAndWhoseItWas() {
    log.count(notFound, of: head, receiver: "otlp", port: 4318)
    #expect(capture.lines.map(\.message) == ["request refused"])
    #expect(
      capture.lines.first?.fields == [
        "receiver": "otlp", "reason": notFound.message, "request": "POST /v1/log", "peer": "10.0.0.1:4711",
        "port": "4318", "user_agent": "agent\\u{1b}[31m/1", "more_since_last_line": "0",
      ])
    #expect(capture.lines.first?.level == .warning)
    #expect(!"\(capture.lines)".contains("secret"))
  }

  @Test func saysEachKindOnceInTenSecondsWithWhatWasLeftOut() {
    let log = log
    for _ in 0..<5 { log.count(notFound, of: head, receiver: "otlp") }
    clock.advance(by: .milliseconds(9_999))
    log.count(notFound, of: head, receiver: "otlp")
    #expect(capture.lines.count == 1)
    clock.advance(by: .milliseconds(1))
    log.count(notFound, of: head, receiver: "otlp")
    #expect(capture.lines.map { $0.fields["more_since_last_line"] } == ["0", "5"])
    clock.advance(by: .seconds(10))
    log.count(notFound, of: head, receiver: "otlp")
    #expect(capture.lines.last?.fields["more_since_last_line"] == "0")
  }

  /// The sender is not told what is wrong with credentials; each fault has lines of its own.
  @Test func saysWhatIsWrongWithCredentials() {
    let log = log
    for fault in [Refusal.CredentialFault.missing, .wrong, .token(.expired), .token(.audience), .missing] {
      log.count(.unauthenticated(fault, challenges: []), of: head, receiver: "otlp")
    }
    log.count(.permissionDenied(.signal), of: head, receiver: "otlp")
    #expect(
      capture.lines.map { $0.fields["detail"] } == [
        "no credentials that the port knows the kind of", "wrong or malformed credentials", "oidc: expired",
        "oidc: audience", "may not send: signal",
      ])
    #expect(Set(capture.lines.prefix(4).map { $0.fields["reason"] }) == ["credentials are missing or wrong"])
  }

  @Test func saysWhichTenantIsOverItsQuota() {
    let refusal = TenantRefusal(.records, "over").of(Array("a\u{1B}b".utf8))
    log.count(.tenant(refusal), of: head, receiver: "otlp")
    #expect(capture.lines.map { $0.fields["tenant"] } == ["a\\u{1b}b"])
  }

  @Test func saysWhoseHandshakeFailed() {
    let log = log
    let failure = HandshakeFailure(peer: "192.0.2.1:1", port: 4317, kind: .tlsPlainText, detail: "HTTP_REQUEST")
    for _ in 0..<3 { log.count(failure, receiver: "otlp") }
    log.count(HandshakeFailure(peer: "192.0.2.1:1", port: 4317, kind: .tlsBrokenOff, detail: ""), receiver: "otlp")
    #expect(capture.lines.map(\.message) == ["TLS handshake failed", "TLS handshake failed"])
    #expect(
      capture.lines.first?.fields
        == [
          "receiver": "otlp", "port": "4317", "peer": "192.0.2.1:1", "reason": "tls_plain_text",
          "detail": "HTTP_REQUEST", "more_since_last_line": "0",
        ])
    for port in [4318, 4319] {
      log.count(HandshakeFailure(peer: "192.0.2.1:1", port: port, kind: .tlsToClearText, detail: ""), receiver: "otlp")
    }
    #expect(capture.lines.suffix(2).map { $0.fields["port"] } == ["4318", "4319"])
    log.count(HandshakeFailure(peer: "192.0.2.1:1", port: 1, kind: .badProxyHeader, detail: ""), receiver: "otlp")
    #expect(capture.lines.last?.message == "a trusted proxy has sent no header of the PROXY protocol")
  }

  @Test func saysEachOtherSignalOnceAMinute() {
    let log = log
    for _ in 0..<13 {
      for signal in Signal.allCases { log.count(.otherSignal(signal), of: head, receiver: "otlp") }
      clock.advance(by: .seconds(5))
    }
    #expect(capture.lines.count == 2 * Signal.allCases.count)
    #expect(capture.lines.last?.fields["more_since_last_line"] == "11")
  }

  @Test func keepsKindsAndReceiversApart() {
    let log = log
    log.count(notFound, of: head, receiver: "otlp")
    log.count(.draining, of: head, receiver: "otlp")
    log.count(notFound, of: head, receiver: "otlp/other")
    log.count(.overBudget(neededBytes: 1, capacityBytes: 2), of: head, receiver: "otlp")
    log.count(.tooManyWatches(limit: 3), of: head, receiver: "otlp")
    #expect(capture.lines.count == 4)
  }
}
