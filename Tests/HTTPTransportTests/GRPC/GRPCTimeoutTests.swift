import LogExport
import Testing

@Suite struct GRPCStatusTests {
  @Test(arguments: [
    (400, 13), (401, 16), (403, 7), (404, 12), (429, 14), (502, 14), (503, 14), (504, 14), (500, 2), (302, 2), (200, 2),
  ])
  func mapsHTTPStatus(http: Int, code: Int) {
    #expect(GRPCStatus.code(ofHTTPStatus: http) == code)
  }

  @Test func decodesMessages() {
    #expect(GRPCStatus.decode(message: "plain") == "plain")
    #expect(GRPCStatus.decode(message: "50%25 of %e2%82%AC") == "50% of €")
    #expect(GRPCStatus.decode(message: "bad %zz %4") == "bad %zz %4")
    #expect(GRPCStatus.decode(message: "%") == "%")
    #expect(GRPCStatus.decode(message: "%ff") == "\u{fffd}")
  }

  @Test func decodesAMessageUpToItsLimit() {
    let text = String(repeating: "x", count: 1025)
    #expect(GRPCStatus.decode(message: String(text.dropLast())).utf8.count == 1024)
    #expect(GRPCStatus.decode(message: text).utf8.count == 1024)
  }

  @Test func writesTimeoutsInAtMostEightDigits() {
    #expect(GRPCStatus.timeout(.seconds(90)) == "90000m")
    #expect(GRPCStatus.timeout(.microseconds(10)) == "1m")
    #expect(GRPCStatus.timeout(.seconds(-1)) == "1m")
    #expect(GRPCStatus.timeout(.milliseconds(99_999_999)) == "99999999m")
    #expect(GRPCStatus.timeout(.milliseconds(100_000_000)) == "100000S")
    #expect(GRPCStatus.timeout(.seconds(Int64.max)) == "99999999S")
  }
}
