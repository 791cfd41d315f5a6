import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import HTTPTransport

@Suite(.serialized) struct HTTPListeningTests {
  private func serving(_ host: String, port: Int = 0, _ body: (HTTPServer) async throws -> Void) async throws {
    var options = HTTPServerOptions()
    options.host = host
    options.port = port
    let service = TestService()
    let server = try await HTTPServer.start(options, service: service, group: MultiThreadedEventLoopGroup.singleton)
    do { try await body(server) } catch {
      await server.drain(within: .zero)
      throw error
    }
    await server.drain(within: .seconds(1))
  }

  private func answers(_ address: String, _ port: Int) async -> Bool {
    let connection = try? await HTTP2ClientConnection.connect(
      host: address, port: port, group: MultiThreadedEventLoopGroup.singleton)
    guard let connection else { return false }
    let answer = try? await connection.send(HTTPClientRequest(path: "/"), timeout: .seconds(10))
    await connection.close()
    return answer?.status == 200
  }

  private static let hasIPv6: Bool = {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_addr = in6addr_loopback
    return withUnsafeBytes(of: &address) {
      bind(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count)) == 0
    }
  }()

  @Test(.enabled(if: hasIPv6), arguments: ["", "0.0.0.0", "::"]) func everyInterfaceIsOfBothFamilies(_ host: String)
    async throws
  {
    try await serving(host) { server async throws in
      #expect(server.boundAddresses == ["[::]:\(server.boundPort)"])
      #expect(await answers("127.0.0.1", server.boundPort))
      #expect(await answers("::1", server.boundPort))
    }
  }

  @Test(.enabled(if: hasIPv6)) func localhostIsOfBothFamiliesOnOnePort() async throws {
    try await serving("localhost") { server async throws in
      #expect(server.boundAddresses == ["127.0.0.1:\(server.boundPort)", "[::1]:\(server.boundPort)"])
      #expect(await answers("127.0.0.1", server.boundPort))
      #expect(await answers("::1", server.boundPort))
      #expect(server.counters.connectionsTotal == 2)
    }
  }

  @Test(.enabled(if: hasIPv6)) func oneAddressIsOne() async throws {
    try await serving("::1") { server async throws in
      #expect(await answers("::1", server.boundPort))
      #expect(await !answers("127.0.0.1", server.boundPort))
    }
    try await serving("127.0.0.1") { server async throws in
      #expect(server.boundAddresses == ["127.0.0.1:\(server.boundPort)"])
      #expect(await !answers("::1", server.boundPort))
    }
  }

  @Test(.enabled(if: hasIPv6)) func aPortThatIsTakenByOneFamilyIsTaken() async throws {
    try await serving("::1") { first async throws in
      await #expect {
        try await serving("localhost", port: first.boundPort) { _ in }
      } throws: {
        ($0 as? IOError)?.errnoCode == EADDRINUSE
      }
      #expect(await !answers("127.0.0.1", first.boundPort), "the other family's socket was closed again")
    }
  }

  @Test func aNameThatIsUnknownIsSaidInWords() async throws {
    await #expect {
      try await serving("no-such-host.invalid") { _ in }
    } throws: {
      networkReason(of: $0)?.hasPrefix("the name no-such-host.invalid cannot be resolved: ") == true
    }
  }
}
