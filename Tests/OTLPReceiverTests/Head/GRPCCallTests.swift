import NIOHTTP1
import Testing

@testable import OTLPReceiver

@Suite struct GRPCCallTests {
  @Test func aTimeoutIsTaken() throws {
    #expect(try GRPCCall(["grpc-timeout": "250m"]).timeout == .milliseconds(250))
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
