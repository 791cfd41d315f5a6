import HTTPTransport
import Testing

@Suite struct GRPCTimeoutTests {
  @Test(arguments: [
    ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
    ("5u", .microseconds(5)), ("6n", .nanoseconds(6)), ("0S", .zero), ("00000001n", .nanoseconds(1)),
    ("99999999H", .seconds(359_999_996_400)),
  ])
  func timeoutsAreRead(text: String, timeout: Duration) {
    #expect(GRPCTimeout.read(text) == timeout)
  }

  @Test(arguments: ["", "S", "1", "1s", "1h", "100000000n", "-1S", "+1S", "1 S", " 1S", "1.5S", "S1", "1SS", "١S"])
  func malformedTimeoutsAreNone(text: String) {
    #expect(GRPCTimeout.read(text) == nil)
  }

  @Test func writesTimeoutsInAtMostEightDigits() {
    #expect(GRPCTimeout.write(.seconds(90)) == "90000m")
    #expect(GRPCTimeout.write(.microseconds(10)) == "1m")
    #expect(GRPCTimeout.write(.seconds(-1)) == "1m")
    #expect(GRPCTimeout.write(.milliseconds(99_999_999)) == "99999999m")
    #expect(GRPCTimeout.write(.milliseconds(100_000_000)) == "100000S")
    #expect(GRPCTimeout.write(.seconds(Int64.max)) == "99999999S")
  }

  @Test(arguments: [Duration.milliseconds(1), .milliseconds(99_999_999), .seconds(100_000), .seconds(99_999_999)])
  func readsWhatItWrites(timeout: Duration) {
    #expect(GRPCTimeout.read(GRPCTimeout.write(timeout)) == timeout)
  }
}
