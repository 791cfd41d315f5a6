import HTTPTransport
import Testing

@testable import OTLPReceiver

@Suite struct HealthServiceTests {
  private let logs = "opentelemetry.proto.collector.logs.v1.LogsService"
  private let checkMethod = "grpc.health.v1.Health/Check"

  private func check(_ fixture: Fixture, _ service: String) -> Answer {
    fixture.call(framed(field(1, Array(service.utf8))), method: checkMethod)
  }

  @Test func checkTellsTheStatusOfTheServerAndItsService() {
    let fixture = Fixture()
    for service in ["", logs] {
      fixture.health.set(.serving)
      #expect(check(fixture, service).body == framed([8, 1]))
      fixture.health.set(.notServing)
      #expect(check(fixture, service).body == framed([8, 2]))
    }
  }

  @Test func otherServicesAreNotFound() {
    #expect(check(Fixture(), "other").grpcStatus == 5)
    #expect(check(Fixture(), logs + "x").grpcStatus == 5)
  }

  @Test func damagedChecksAreInvalid() {
    let fixture = Fixture()
    #expect(fixture.call(framed([0xFF]), method: checkMethod).grpcStatus == 3)
    #expect(fixture.call([], method: checkMethod).grpcStatus == 12)
  }

  @Test func checksAreSmall() {
    let fixture = Fixture()
    let name = [UInt8](repeating: UInt8(ascii: "a"), count: 4096 - 3)
    #expect(fixture.call(framed(field(1, name)), method: checkMethod).grpcStatus == 5)
    #expect(fixture.call(framed(field(1, name + [97])), method: checkMethod).grpcStatus == 8)
  }
}

@Suite struct HealthWatchTests {
  private let fixture: Fixture
  private let inbox = Inbox()

  init() {
    var options = OTLPServiceOptions()
    options.maxHealthWatches = 2
    fixture = Fixture(options)
  }

  private func watch(_ inbox: Inbox, for service: String = "", through responder: HTTPResponder? = nil) {
    let path = "/grpc.health.v1.Health/Watch"
    let head = HTTPRequestHead(method: "POST", path: path, headers: ["content-type": "application/grpc"])
    let body = framed(field(1, Array(service.utf8)))
    fixture.service.respond(to: HTTPRequest(head: head, body: body), through: responder ?? inbox.responder)
    inbox.loop.run()
  }

  @Test func itTellsTheStatusAtOnceAndEveryChange() {
    watch(inbox)
    #expect(inbox.answer.status == 200)
    #expect(inbox.answer.type == "application/grpc")
    #expect(inbox.answer.body == framed([8, 1]))
    fixture.health.set(.serving)
    fixture.health.set(.notServing)
    fixture.health.set(.notServing)
    fixture.health.set(.serving)
    inbox.loop.run()
    #expect(inbox.answer.body == framed([8, 1]) + framed([8, 2]) + framed([8, 1]))
    #expect(!inbox.answer.isFinished)
  }

  @Test func anUnknownServiceStaysUnknown() {
    watch(inbox, for: "other")
    fixture.health.set(.notServing)
    inbox.loop.run()
    #expect(inbox.answer.body == framed([8, 3]))
    #expect(!inbox.answer.isFinished && !inbox.wasAbandoned)
  }

  @Test func closingEndsAllStreams() {
    watch(inbox)
    fixture.health.close()
    inbox.loop.run()
    #expect(inbox.answer.body == framed([8, 1]) + framed([8, 2]))
    #expect(inbox.answer.isFinished)
    #expect(inbox.answer.grpcStatus == 14)
    #expect(fixture.health.watchCount == 0)
    fixture.health.set(.serving)
    #expect(fixture.health.status == .notServing)
    let late = Inbox()
    watch(late)
    #expect(late.answer.body == framed([8, 2]))
    #expect(late.answer.isFinished)
  }

  @Test func aClientThatGoesIsForgotten() {
    let responder = inbox.responder
    watch(inbox, through: responder)
    #expect(fixture.health.watchCount == 1)
    responder.cancel()
    #expect(fixture.health.watchCount == 0)
    fixture.health.set(.notServing)
    inbox.loop.run()
    #expect(inbox.answer.body == framed([8, 1]))
  }

  @Test func oneMoreThanTheLimitIsRefused() {
    let inboxes = [Inbox(), Inbox(), Inbox()]
    for inbox in inboxes { watch(inbox) }
    #expect(inboxes.map(\.answer.grpcStatus) == [nil, nil, 14])
    #expect(fixture.health.watchCount == 2)
  }
}
