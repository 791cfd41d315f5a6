import FrameQueues
import LogPipeline
import Testing

@testable import OTLPReceiver

@Suite struct RefusalTests {
  @Test func everyMessageIsOneLineOfItsOwn() {
    for refusal in everyRefusal { #expect(!refusal.message.isEmpty && !refusal.message.contains("\n")) }
    #expect(Set(everyRefusal.map(\.message)).count == everyRefusal.count)
  }

  @Test(arguments: [
    (Refusal.tooLarge(.requestBody(bytes: 11, limitBytes: 10)), ["11", "10", "max_request_body_size"]),
    (.tooLarge(.grpcMessage(bytes: 11, limitBytes: 10)), ["11", "10", "max_recv_msg_size_mib"]),
    (.overBudget(neededBytes: 21, capacityBytes: 20), ["21", "20"]),
    (.queueFull(destination: "es/a", neededBytes: 31, freeBytes: 30, capacityBytes: 300), ["es/a", "31", "30", "300"]),
    (.exceedsQueue(destination: "es/a", neededBytes: 41, capacityBytes: 40), ["es/a", "41", "40"]),
    (.truncatedMessage(bytes: 71, declaredBytes: 72), ["71", "72"]), (.tooManyMembers(.gzip, limit: 7), ["gzip", "7"]),
    (.undecodable(DecodeError(.malformed("a tag"), at: 51)), ["51", "a tag"]), (.tooManyWatches(limit: 81), ["81"]),
    (.notDelivered(after: .seconds(92), limit: .seconds(91)), ["92", "91", "ack_timeout"]),
  ])
  func limitsNameTheirNumbers(refusal: Refusal, parts: [String]) {
    for part in parts { #expect(refusal.message.contains(part), "\(refusal.message)") }
  }

  @Test func whatThePipelineRefusesIsSaidToTheSender() {
    let full = QueueRefusal.full(neededBytes: 3, freeBytes: 2, capacityBytes: 4)
    #expect(
      Refusal(IngestRefusal.queue(full, destination: "d"))
        == .queueFull(destination: "d", neededBytes: 3, freeBytes: 2, capacityBytes: 4))
    let never = QueueRefusal.neverFits(neededBytes: 5, capacityBytes: 4)
    #expect(
      Refusal(IngestRefusal.queue(never, destination: "d"))
        == .exceedsQueue(destination: "d", neededBytes: 5, capacityBytes: 4))
    #expect(Refusal(IngestRefusal.queue(.closed, destination: "d")) == .draining)
    let broken = QueueRefusal.unavailable(reason: "cannot sync /var/queue: Input/output error (errno 5)")
    let behind = Refusal(IngestRefusal.queue(.behind(waitingBytes: 9, limitBytes: 8), destination: "d"))
    #expect(behind.message.contains("9 bytes wait") && behind.message.contains("at most 8 may"))
    #expect(Refusal(IngestRefusal.queue(broken, destination: "d")) == .queueUnavailable(destination: "d"))
    let many = Refusal(IngestRefusal.metadata(.combinations(limit: 9), destination: "d"))
    #expect(many == .metadata(.combinations(limit: 9), destination: "d") && many.kind == .limited)
    #expect(many.message.contains("metadata_cardinality_limit is 9; try again later"))
    #expect(Refusal(IngestRefusal.metadata(.control(key: "k"), destination: "d")).kind.row.httpStatus == 400)
    let error = DecodeError(.invalidUTF8, at: 9)
    #expect(Refusal(IngestRefusal.undecodable(error)) == .undecodable(error))
    #expect(
      Refusal(IngestRefusal.unencodable(.tooLarge(bytes: 8, limitBytes: 7))).message.contains(
        "8 bytes exceeds the limit of 7"))
  }
}
