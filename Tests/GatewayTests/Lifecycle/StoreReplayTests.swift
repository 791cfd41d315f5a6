import Foundation
import LogExport
import LogStore
import Synchronization
import Testing

@testable import Gateway

@Suite struct StoreReplayTests {
  private let folder: TemporaryFolder
  private let stores = OpenStores()

  /// A store of 40 records in four requests.
  init() throws {
    folder = try TemporaryFolder()
    let store = try StoredSample.store(folder, stores)
    for request in 0..<4 {
      let bodies = (0..<10).map { "order \(request * 10 + $0)" }
      try store.append(
        StoredSample.request(
          bodies, service: request % 2 == 0 ? "shop" : "cart", start: 1_700_000_000_000_000_000 + UInt64(request) * 100)
      )
    }
  }

  private func configuration(_ more: String = "") throws -> Configuration {
    try loadStandard(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      exporters: {file: {path: \(folder.path)/out.json}, store: {path: \(folder.path)/logs}, nop: {}\(more)}
      service:
        telemetry: {logs: {level: error}, metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
      """)
  }

  private func replay(_ query: String = "*") throws -> StoreReplay {
    StoreReplay(of: "\(folder.path)/logs", try QueryParser.parse(query, nowUnixNano: 0))
  }

  private func sent() throws -> [String] {
    let text = try String(contentsOfFile: "\(folder.path)/out.json", encoding: .utf8)
    return text.matches(of: /order [0-9]+/).map { String($0.0) }
  }

  @Test func recordsAreSentInTheirOrder() async throws {
    let progress = try await replay().run(by: "file", of: configuration())
    #expect(progress.isComplete && progress.share == 1)
    #expect(progress.found == 40 && progress.delivered == 40 && progress.doneOrdinal == 40)
    #expect(try sent() == (0..<40).map { "order \($0)" })
  }

  @Test func aQueryChooses() async throws {
    let progress = try await replay("service.name:cart").run(by: "file", of: configuration())
    #expect(progress.isComplete && progress.found == 20)
    #expect(try sent() == [10..<20, 30..<40].joined().map { "order \($0)" })
  }

  @Test func itBeginsWhereItIsTold() async throws {
    var replay = try replay()
    replay.firstOrdinal = 35
    #expect(try await replay.run(by: "file", of: configuration()).delivered == 5)
    #expect(try sent() == (35..<40).map { "order \($0)" })
    replay.firstOrdinal = 1000
    let none = try await replay.run(by: "file", of: configuration())
    #expect(none.isComplete && none.found == 0)
  }

  @Test func aRateIsKeptAndTheEndLeavesTheRest() async throws {
    var replay = try replay()
    replay.recordsPerSecond = 20
    let stop = replay.stop
    let told = Told()
    replay.report = { progress in
      told.places.withLock { $0.append(progress.doneOrdinal) }
      if progress.found >= 10 { stop.raise(to: .inOrder) }
    }
    let progress = try await replay.run(by: "file", of: configuration())
    #expect(!progress.isComplete && progress.found < 40)
    #expect(progress.doneOrdinal == UInt64(progress.found) && progress.delivered == progress.found, "\(progress)")
    #expect(try sent() == (0..<progress.found).map { "order \($0)" })
    let places = told.places.withLock { $0 }
    #expect(places.last == progress.doneOrdinal && places == places.sorted())
  }

  private final class Told: Sendable {
    let places = Mutex<[UInt64]>([])
  }

  @Test func aReportThatFailsEndsIt() async throws {
    var replay = try replay()
    replay.report = { _ in throw GatewayError.cannotMake(component: "a file", cause: "full") }
    await #expect(throws: GatewayError.self) { try await replay.run(by: "file", of: configuration()) }
  }

  @Test(arguments: [("fil", "no exporter \"fil\"; it has file, store, nop"), ("store", "writes")])
  func whatCannotSendIsTold(_ exporter: String, _ words: String) async throws {
    do {
      _ = try await replay().run(by: exporter, of: configuration())
      Issue.record("it runs")
    } catch {
      #expect("\(error)".contains(words), "\(error)")
    }
  }

  @Test func aFolderThatIsNotThereIsTold() async throws {
    await #expect(throws: StoreError.self) {
      try await StoreReplay(of: "/no/such", .all).run(by: "file", of: configuration())
    }
  }
}
