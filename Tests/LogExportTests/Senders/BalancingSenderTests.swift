import HTTPTransport
import LogExport
import LogPipeline
import NIOCore
import NIOPosix
import Testing

/// Bodies to several members, by the names that their marks have.
@Suite struct BalancingSenderTests {
  private struct Member {
    let service: Service
    let server: HTTPServer
    var name: String { "127.0.0.1:\(server.boundPort)" }

    static func start() async throws -> Member {
      let service = Service { _ in
        HTTPResponse(
          status: 200, headers: ["content-type": "application/grpc"], body: ByteBuffer(bytes: [0, 0, 0, 0, 0]),
          trailers: ["grpc-status": "0"])
      }
      var options = HTTPServerOptions()
      options.host = "127.0.0.1"
      let server = try await HTTPServer.start(options, service: service, group: MultiThreadedEventLoopGroup.singleton)
      return Member(service: service, server: server)
    }
  }

  private func route(_ member: String) -> DialectRoute {
    .grpc(path: "/a/b", headers: []).carrying(Array(":@member: \(member)".utf8))
  }

  private func sender(_ table: MemberTable, _ lookup: MemberLookup? = nil) throws -> BalancingSender {
    var options = GRPCSenderOptions()
    options.isInsecure = true
    return try BalancingSender(options, members: table, lookup: lookup, group: MultiThreadedEventLoopGroup.singleton)
  }

  @Test func eachBodyGoesToTheMemberThatItNames() async throws {
    let (one, other) = (try await Member.start(), try await Member.start())
    let table = MemberTable([one.name, other.name])
    let sender = try sender(table)
    for name in [one.name, other.name, other.name] {
      let result = await sender.send(body("x"), along: route(name), timeout: .seconds(20))
      #expect(result.answer?.status == .grpc(0))
    }
    #expect(one.service.requests.count == 1 && other.service.requests.count == 2)
    #expect(one.service.requests[0].head.headers["@member"] == [])
    #expect(sender.linked == [one.name, other.name].sorted())

    // What was for a member that has gone goes to one that is there, and its connection ends.
    table.set([one.name])
    _ = await sender.send(body("x"), along: route(other.name), timeout: .seconds(20))
    #expect(one.service.requests.count == 2 && other.service.requests.count == 2)
    #expect(sender.linked == [one.name])
    await sender.close()
    for member in [one, other] { await member.server.drain(within: .seconds(1)) }
  }

  @Test func withoutMembersBodiesWait() async throws {
    let sender = try sender(MemberTable())
    let result = await sender.send(body("x"), along: route("a:1"), timeout: .seconds(1))
    guard case .failed(let reason, let retryable) = result else {
      Issue.record("answered")
      return
    }
    #expect(reason == "no member is known" && retryable)
    await sender.close()
  }

  @Test func aMemberThatIsNoAddressIsAnErrorAtTheStart() {
    #expect(throws: SenderConfigurationError.self) { try sender(MemberTable(["http://h/path"])) }
  }
}
