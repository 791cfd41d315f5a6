import HTTPTransport
import Testing

@testable import Gateway

@Suite struct TurnedAwayLogTests {
  @Test func saysEachPortAndReasonOnceInTenSeconds() {
    let (clock, capture) = (TestClock(), LogCapture())
    let log = TurnedAwayLog(logger: capture.logger) { clock.now }
    for _ in 0..<1000 { log.count(.noDescriptors, port: "receiver otlp") }
    log.count(.tooManyConnections, port: "receiver otlp")
    log.count(.noDescriptors, port: "metrics and health")
    #expect(capture.lines("connections are turned away").count == 3)
    #expect(capture.lines.first?.fields["reason"] == "no_descriptors")
    clock.advance(by: .seconds(10))
    log.count(.noDescriptors, port: "receiver otlp")
    #expect(capture.lines.last?.fields["more_since_last_line"] == "999")
  }
}
