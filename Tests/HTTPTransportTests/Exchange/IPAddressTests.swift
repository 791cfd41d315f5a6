import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct IPAddressTests {
  @Test(arguments: [
    ("10.1.2.3", "10.1.2.3"), ("::ffff:10.1.2.3", "10.1.2.3"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"),
    ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::10.1.2.3", "::10.1.2.3"), ("fe80::1", "fe80::1"),
  ])
  func isShownInItsShortestForm(_ text: String, _ shown: String) throws {
    #expect(try #require(IPAddress(text)).text == shown)
    let socket = try SocketAddress(ipAddress: text, port: 1)
    #expect(IPAddress(socket) == IPAddress(text))
  }

  @Test(arguments: [
    "", "10.1.2", "10.1.2.256", "010.1.2.3", "1.2.3.4 ", "::1%lo", "[::1]", "localhost", "10.1.2.3\0", "1.2.3.4.5",
    "2001:db8::1::1", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550",
  ])
  func otherTextIsNone(_ text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"), ("10.1.2.3", "::ffff:10.1.2.3", "10.1.2.4"),
    ("10.1.2.2/31", "10.1.2.3", "10.1.2.4"), ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
    ("::1", "::1", "127.0.0.1"), ("0.0.0.0/0", "192.0.2.1", "2001:db8::1"),
    ("2001:db8:0:0:8000::/65", "2001:db8::8000:0:0:1", "2001:db8::1"), ("::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0"),
  ])
  func aNetworkHasItsAddresses(_ text: String, _ inside: String, _ outside: String) throws {
    let network = try #require(IPNetwork(text))
    #expect(network.text == text || IPNetwork(network.text) == network)
    #expect(network.contains(try #require(IPAddress(inside))))
    #expect(!network.contains(try #require(IPAddress(outside))))
  }

  @Test func everyAddressIsInTheWholeOfIPv6() throws {
    let all = try #require(IPNetwork("::/0"))
    for text in ["::", "192.0.2.1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"] {
      #expect(all.contains(try #require(IPAddress(text))))
    }
  }

  @Test(arguments: ["10.0.0.0/33", "::/129", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/+8", "x/8", "", "/8"])
  func otherTextIsNoNetwork(_ text: String) {
    #expect(IPNetwork(text) == nil)
  }
}
