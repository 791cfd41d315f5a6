import LogExport
import Testing

@Suite struct HTTPDateTests {
  @Test(arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
  func readsAllThreeForms(date: String) {
    #expect(HTTPDate.unixSeconds(date) == 784_111_777)
  }

  @Test func countsLeapDays() {
    #expect(HTTPDate.unixSeconds("Thu, 01 Jan 1970 00:00:00 GMT") == 0)
    #expect(HTTPDate.unixSeconds("Thu, 29 Feb 2024 12:00:00 GMT") == 1_709_208_000)
    #expect(HTTPDate.unixSeconds("Mon, 01 Mar 2100 00:00:00 GMT") == 4_107_542_400)
  }

  @Test(arguments: [
    "", "soon", "-1", "1.5", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 99999999999999999999 08:49:37 GMT", "Sun, 06 Nov 1994 ::: GMT",
  ])
  func whatIsNoWaitIsNone(value: String) {
    #expect(HTTPDate.retryAfter(value, unixSeconds: 0) == nil)
  }

  @Test func readsSecondsAndDates() {
    #expect(HTTPDate.retryAfter("0", unixSeconds: 5) == .zero)
    #expect(HTTPDate.retryAfter(" 120\t", unixSeconds: 5) == .seconds(120))
    #expect(HTTPDate.retryAfter("99999999999999999999999", unixSeconds: 5) == .seconds(315_360_000))
    #expect(HTTPDate.retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", unixSeconds: 784_111_770) == .seconds(7))
    #expect(HTTPDate.retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", unixSeconds: 784_111_800) == .zero)
  }
}
