import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct ListenHostTests {
  @Test(arguments: [
    ("", ListenHost.everyInterface), ("0.0.0.0", .everyInterface), ("::", .everyInterface), ("0::0", .everyInterface),
    ("::ffff:0.0.0.0", .everyInterface), ("localhost", .loopback), ("LocalHost", .loopback),
    ("127.0.0.1", .one("127.0.0.1")), ("::1", .one("::1")), ("0:0::1", .one("::1")),
    ("::ffff:10.0.0.1", .one("10.0.0.1")), ("Gateway.Example", .one("gateway.example")),
    ("fe80::1%eth0", .one("fe80::1%eth0")),
  ])
  func standsForWhatGoTakesIt(_ host: String, _ expected: ListenHost) {
    #expect(ListenHost(host) == expected)
  }

  @Test func loopbackHasBothAddresses() {
    for host in ["127.0.0.1", "::1", "0.0.0.0", "localhost"] {
      #expect(ListenHost("localhost").overlaps(ListenHost(host)))
      #expect(ListenHost(host).overlaps(ListenHost("localhost")))
    }
    #expect(!ListenHost("localhost").overlaps(ListenHost("10.0.0.1")))
    #expect(!ListenHost("127.0.0.1").overlaps(ListenHost("::1")))
  }

  @Test(arguments: [
    ("10.0.0.1", "10.0.0.1:5"), ("::ffff:10.0.0.1", "10.0.0.1:5"), ("::1", "[::1]:5"),
    ("::ffff:0:0:1", "[::ffff:0:0:1]:5"),
    ("fd00::ffff:a00:1", "[fd00::ffff:a00:1]:5"),
  ])
  func aMappedAddressIsTheIPv4One(_ address: String, _ expected: String) throws {
    #expect(try SocketAddress(ipAddress: address, port: 5).plainDescription == expected)
  }
}
