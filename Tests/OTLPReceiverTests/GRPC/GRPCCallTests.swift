import NIOHTTP1
import Testing

@testable import OTLPReceiver

@Suite struct GRPCCallTests {
  @Test(arguments: [
    ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
    ("5u", .microseconds(5)), ("6n", .nanoseconds(6)), ("0S", .zero), ("00000001n", .nanoseconds(1)),
    ("99999999H", .seconds(359_999_996_400)),
  ])
  func timeoutsAreRead(text: String, timeout: Duration) {
    #expect(GRPCCall.timeout(text) == timeout)
  }

  @Test(arguments: ["", "S", "1", "1s", "1h", "100000000n", "-1S", "+1S", "1 S", " 1S", "1.5S", "S1", "1SS", "١S"])
  func malformedTimeoutsAreRefused(text: String) {
    #expect(throws: Refusal.malformedTimeout) { try GRPCCall(["grpc-timeout": text]) }
  }

  @Test func withoutHeadersThereIsNoTimeoutAndNoCoding() throws {
    let call = try GRPCCall([:])
    #expect(call.timeout == nil)
    #expect(call.coding == .identity)
  }
}
