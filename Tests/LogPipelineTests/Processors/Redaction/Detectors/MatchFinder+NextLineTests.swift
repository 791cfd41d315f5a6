import Testing

@testable import LogPipeline

@Suite struct MatchFinderNextLineTests {
  @Test(arguments: [
    "password:⏎  ‹hunter2›⏎user: bob⏎", "db:⏎  password:⏎    ‹a-b1c2›⏎  port: 1", "api_key:⏎  ‹hunter2›",
    "password:\r⏎  ‹hunter2›\r⏎user: bob\r⏎", "- password:⏎    ‹hunter2›⏎- x", "password:⏎  \"‹let me in›\"⏎user: bob",
    "{⏎  \"password\":⏎    \"‹a b›\",⏎  \"x\": 1 and more", "const password =⏎  '‹it\\'s me›';⏎next()",
    "password =⏎  \"‹abc\" +⏎  \"def›\";⏎x", "token:  ⏎  ‹hunter2›  ⏎", "pass:⏎  ‹hunter2›⏎",
  ])
  func aValueAloneInTheNextLineIsMasked(_ text: String) { MarkedText(text).check() }

  @Test(arguments: [
    "password:⏎  minLength: 8⏎", "tokens:⏎  - abc123⏎  - def456⏎", "password:⏎hunter2⏎", "Invalid token:⏎  a1b2c3⏎",
    "token:⏎  at Foo.bar(x.java:12)⏎  at y⏎", "password:⏎  required⏎", "password:⏎  hunter2⏎  and more⏎",
    "auth:⏎  enabled:⏎    x", "password:⏎⏎  hunter2⏎", "  password:⏎  hunter2⏎", "password:⏎  a1b2⏎", "password:⏎",
    "password:⏎  ", "password:⏎  \"not closed⏎x", "password:⏎  ****⏎",
  ])
  func whatElseStandsThereStays(_ text: String) {
    let text = text.replacing("⏎", with: "\n")
    #expect(Redacting(pack: "default")(text) == text)
  }

  @Test(arguments: [
    "Content-Disposition: form-data; name=\"password\"\r⏎\r⏎‹let me in›\r⏎--b",
    "form-data; name=\"user[password]\"⏎⏎‹ab1›⏎--b",
    "form-data; name=\"api_key\"\r⏎Content-Type: text/plain\r⏎content-length: 3\r⏎\r⏎‹abc›",
    #"sent "form-data; name=\"token\"\r\n\r\n‹a, b›\r\n--b" ok"#,
  ])
  func fieldsOfFormsInPartsAreMasked(_ text: String) { MarkedText(text).check() }

  @Test(arguments: [
    "form-data; name=\"secretary\"⏎⏎ann⏎--b", "form-data; name=\"file\"; filename=\"password\"⏎⏎abc⏎--b",
    "form-data; name=\"password\"⏎⏎⏎--b", "form-data; name=\"password\"⏎abc⏎⏎def", "x name=\"password\" and⏎⏎abc",
  ])
  func otherFieldsStay(_ text: String) {
    let text = text.replacing("⏎", with: "\n")
    #expect(Redacting(pack: "default")(text) == text)
  }
}
