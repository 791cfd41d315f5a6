import Foundation
import Testing

@testable import LogPipeline

@Suite struct MatchFinderCommandTests {
  @Test(arguments: [
    "USER bob\r⏎PASS ‹letmein›\r⏎SYST", "NICK bob⏎PASS ‹hunter2›", "C: PASS ‹hunter2›", "> PASS ‹hunter2›⏎< 230 ok",
    "--> PASS ‹a!b/c.d1›", "sent \"C: PASS ‹hunter2›\" x", "PASS :‹hunter2›",
  ])
  func argumentsOfPassAreMasked(_ text: String) { MarkedText(text).check() }

  @Test(arguments: [
    "PASS", "PASS src/e2e/a1b2.test.js", "PASS TestLogin2", "PASS hunter2", "PASS case12 in 3 ms", "ci: PASS case12",
    "PASS 12", "> PASS ok", "C: PASS ****", "abc: PASS hunter2", "USER bob⏎PASS ok",
    "PASS a1b2c3d4 (12 ms)", "> PASS a1b2c3d4 (12 ms)", "PASS Login3Test",
  ])
  func outcomesOfTestsStay(_ text: String) {
    let text = text.replacing("⏎", with: "\n")
    #expect(Redacting(pack: "default")(text) == text)
  }

  private static let plain = Data("\0bob\0hunter2".utf8).base64EncodedString()
  private static let bearer = Data("n,a=bob,\u{1}auth=Bearer abc\u{1}\u{1}".utf8).base64EncodedString()

  @Test(arguments: [
    "AUTH PLAIN %", "C: AUTH PLAIN %⏎S: 235 ok", "a1 AUTHENTICATE PLAIN % x", "AUTHENTICATE %", "auth plain %",
  ])
  func firstMessagesOfSASLAreMasked(_ command: String) {
    for message in [Self.plain, Self.bearer] { MarkedText(command.replacing("%", with: "‹\(message)›")).check() }
  }

  @Test(arguments: [
    "250-AUTH PLAIN LOGIN XOAUTH2", "AUTH PLAIN", "AUTH LOGIN Ym9i", "AUTH provider required", "auth failures abcdefgh",
    "AUTH PLAIN AAAAAAAAAAAA", "AUTH PLAIN ****",
  ])
  func otherCommandsStay(_ text: String) { #expect(Redacting(pack: "default")(text) == text) }
}
