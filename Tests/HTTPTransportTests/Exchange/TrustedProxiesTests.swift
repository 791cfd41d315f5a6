import Testing

@testable import HTTPTransport

@Suite struct TrustedProxiesTests {
  private func sender(_ values: String...) throws -> String? {
    var proxies = TrustedProxies()
    proxies.forwardedFor = [try #require(IPNetwork("10.0.0.0/8"))]
    return proxies.sender(by: HTTPHeaders(values.map { ("X-Forwarded-For", $0) }))?.text
  }

  @Test func isTheLastThatNoTrustedProxyHas() throws {
    #expect(try sender() == nil)
    #expect(try sender("192.0.2.1") == "192.0.2.1")
    #expect(try sender("9.9.9.9, 192.0.2.1") == "192.0.2.1")
    #expect(try sender("9.9.9.9,192.0.2.1 , 10.0.0.1,10.0.0.2") == "192.0.2.1")
    #expect(try sender("9.9.9.9, 192.0.2.1", "10.0.0.1") == "192.0.2.1")
    #expect(try sender("10.0.0.3, 10.0.0.2") == "10.0.0.3")
  }

  @Test func anItemMayHaveAPort() throws {
    #expect(try sender("192.0.2.1:4711") == "192.0.2.1")
    #expect(try sender("[2001:db8::1]:4711") == "2001:db8::1")
    #expect(try sender("[2001:db8::1]") == "2001:db8::1")
    #expect(try sender("2001:db8::1") == "2001:db8::1")
    #expect(try sender("::ffff:192.0.2.1") == "192.0.2.1")
  }

  @Test func whatIsNoAddressEndsTheSearch() throws {
    #expect(try sender("unknown") == nil)
    #expect(try sender("") == nil)
    #expect(try sender("192.0.2.1, _hidden, 10.0.0.1") == "10.0.0.1")
    #expect(try sender("[2001:db8::1]x") == nil)
  }

  @Test func noMoreHopsAreLookedAtThanThereMayBe() throws {
    let most = TrustedProxies.maxHops
    func chain(_ count: Int) -> String { "192.0.2.1" + String(repeating: ", 10.0.0.1", count: count) }
    #expect(try sender(chain(most - 1)) == "192.0.2.1")
    #expect(try sender(chain(most)) == "10.0.0.1")
  }
}
