import FrameQueues
import LogExport
import Testing

@testable import Gateway

@Suite struct ReadinessTests {
  private func json(_ edit: (inout Readiness.Queue) -> Void) -> String {
    var queue = Readiness.Queue(exporter: "a", queuedBytes: 1, capacityBytes: 4, queuedRecords: 2)
    edit(&queue)
    let readiness = Readiness(state: .ready, queues: [queue])
    #expect(readiness.isReady)
    return readiness.json
  }

  private let start =
    "{\"status\":\"ready\",\"queues\":[{\"exporter\":\"a\",\"queued_records\":2,\"queued_bytes\":1,"
    + "\"capacity_bytes\":4,\"saturation\":0.25,\"oldest_seconds\":0"

  @Test func whatDoesNotFailIsNotThere() {
    #expect(json { _ in } == start + "}]}\n")
  }

  @Test func namesWhatFailsSinceWhenAndWhy() {
    let failing = Failing(since: 1_700_000_000, attempts: 12, error: "HTTP 404, not an answer of \"x\"", records: 3)
    let text =
      "{\"since\":\"2023-11-14T22:13:20Z\",\"error\":\"HTTP 404, not an answer of \\\"x\\\"\",\"attempts\":12,"
      + "\"batch_records\":3}"
    #expect(json { $0.failing = failing } == start + ",\"failing\":\(text)}]}\n")
    #expect(json { $0.stuck = failing } == start + ",\"stuck\":\(text)}]}\n")
  }

  @Test func tellsTheAgeOfTheOldestRecordInWholeSeconds() {
    #expect(json { $0.oldestAge = .milliseconds(61_999) }.contains("\"oldest_seconds\":61}"))
  }

  @Test(arguments: [
    (1_700_000_000, 0), (1_700_086_399, 0), (1_700_086_400, 1), (1_699_999_999, -1), (1_699_913_600, -1),
    (1_699_913_599, -2),
  ])
  func tellsWhenACertificateEndsAndIsReadyAllTheSame(_ expiry: Int, _ days: Int) {
    var readiness = Readiness(state: .ready, queues: [])
    readiness.certificates = [Readiness.Certificate(owner: "receiver otlp grpc", expiry: expiry, now: 1_700_000_000)]
    #expect(readiness.isReady)
    #expect(readiness.json.contains("\"certificates\":[{\"of\":\"receiver otlp grpc\",\"ends\":\"20"))
    #expect(readiness.json.contains("\"days_left\":\(days)}],"))
  }

  @Test(arguments: [Int.min, .max]) func aCertificateOfAnyTimeIsTold(_ expiry: Int) {
    let certificate = Readiness.Certificate(owner: "a", expiry: expiry, now: 1_700_000_000)
    #expect(Readiness(state: .ready, queues: [], certificates: [certificate]).json.contains("\"of\":\"a\""))
  }

  @Test func namesDeadLettersThatCannotBeWritten() {
    var status = RejectionDesk.Status()
    status.error = "cannot open /x: Is a directory"
    status.waiting = FrameTotals(bytes: 900, records: 3)
    #expect(json { $0.deadLetters = status } == start + "}]}\n")
    status.failingSince = 1_700_000_000
    #expect(
      json { $0.deadLetters = status }
        == start + ",\"dead_letters\":{\"failing_since\":\"2023-11-14T22:13:20Z\","
        + "\"error\":\"cannot open /x: Is a directory\",\"waiting_records\":3,\"waiting_bytes\":900}}]}\n")
  }

  @Test func tellsOfIssuersThatAreAwayAndIsReadyAllTheSame() {
    var readiness = Readiness(state: .ready, queues: [])
    readiness.failingIssuers = [
      Readiness.FailingIssuer(
        component: "extension oidc", issuer: "https://issuer", since: 1_700_000_000, error: "a \"b\"", keys: 2)
    ]
    #expect(readiness.isReady)
    #expect(
      readiness.json == "{\"status\":\"ready\",\"failing_issuers\":[{\"component\":\"extension oidc\","
        + "\"issuer\":\"https://issuer\",\"since\":\"2023-11-14T22:13:20Z\",\"error\":\"a \\\"b\\\"\",\"keys\":2}],"
        + "\"queues\":[]}\n")
  }

  /// Neither the path nor the reason is for whoever can ask.
  @Test func tellsOfFilesThatCannotBeUsedAndIsReadyAllTheSame() {
    var readiness = Readiness(state: .ready, queues: [])
    readiness.failingFiles = [
      Readiness.FailingFiles(component: "exporter otlp/a\"b", option: "tls", since: 1_700_000_000, failures: 3)
    ]
    #expect(readiness.isReady)
    #expect(
      readiness.json == "{\"status\":\"ready\",\"failing_files\":[{\"component\":\"exporter otlp/a\\\"b\","
        + "\"option\":\"tls\",\"since\":\"2023-11-14T22:13:20Z\",\"failures\":3}],\"queues\":[]}\n")
  }
}
