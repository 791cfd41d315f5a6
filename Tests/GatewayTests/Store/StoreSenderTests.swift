import FrameQueues
import LogExport
import LogPipeline
import LogStore
import Testing

@testable import Gateway

@Suite struct StoreSenderTests {
  private func body(_ bytes: [UInt8], records: Int) throws -> ExportBody {
    let segment = FrameSegment(capacity: bytes.count)
    let range = try #require(bytes.withUnsafeBytes { segment.append($0) })
    return ExportBody(FrameLease(id: 0, segment: segment, range: range, records: records, frames: 1))
  }

  private func verdict(_ result: SendResult, _ body: ExportBody) -> Verdict? {
    guard case .answered(let answer, _) = result else { return nil }
    return body.withUnsafeBytes { StoreDialect().judge(answer, to: $0, records: body.records) }
  }

  @Test func whatIsAnsweredIsInTheStore() async throws {
    let folder = try TemporaryFolder()
    let stores = OpenStores()
    let sender = try StoreSender(StoreSettings(directory: "\(folder.path)/logs"), for: "store", in: stores)
    let body = try body(StoredSample.request(["one", "two"]), records: 2)
    let result = await sender.send(body, along: .local, timeout: .seconds(5))
    #expect(verdict(result, body) == .delivered(duplicates: 0))
    #expect(stores.all.first?.log.view.records == 2)
    await sender.close()
    #expect(stores.all.isEmpty)
    #expect(try StoreView.read("\(folder.path)/logs").records == 2)
  }

  @Test func whatMakesNoSenseIsHalvedAndNothingIsRetriedForEver() async throws {
    let folder = try TemporaryFolder()
    let sender = try StoreSender(StoreSettings(directory: "\(folder.path)/logs"), for: "store", in: OpenStores())
    let body = try body([0x0A, 0x05, 0x01], records: 1)
    let result = await sender.send(body, along: .local, timeout: .seconds(5))
    #expect(verdict(result, body) == .tooLarge(reason: "byte 2 of a request makes no sense"))
    await sender.close()
  }

  @Test func aStoreThatIsClosedKeepsRecordsQueued() async throws {
    let folder = try TemporaryFolder()
    let stores = OpenStores()
    let sender = try StoreSender(StoreSettings(directory: "\(folder.path)/logs"), for: "store", in: stores)
    stores.all.first?.log.close()
    let body = try body(StoredSample.request(["one"]), records: 1)
    guard case .failed(let reason, let retryable) = await sender.send(body, along: .local, timeout: .seconds(5)) else {
      Issue.record("was answered")
      return
    }
    #expect(reason == "the store was closed" && retryable)
  }
}
