import Testing

@testable import LogPipeline

@Suite struct DoubtfulNameTests {
  @Test(arguments: [
    "pass=‹hunter2›",
    "smtp.pass: ‹P@ssw0rd›",
    "--pass ‹hunter2› x",
    ##"{"pass": "‹s3cr3t x›"} y"##,
    "user=bob pass=‹letmein› x",
    "login bob pw: ‹letmein›",
    "pw=‹a1b2c3d4›",
    "PIN: ‹4815›",
    "pin=‹481516› ok",
    ##"{"pin": "‹4815›"} x"##,
    "jwt=‹a1b2c3d4e5f6g›",
    "bearer: ‹a1b2c3d4e5f6g›",
    "creds=‹bob4:x7y8z9›",
  ])
  func valuesThatLookLikeSecretsAreMasked(_ text: String) { MarkedText(text).check() }

  @Test(arguments: [
    "--- PASS: TestLogin2 (0.00s)",
    "PASS: test_a1.py",
    "pass=12 fail=0",
    "pass: true",
    "pass: ok",
    "pass 1 of 3",
    "pass=first",
    "pass=gvn-hoist-2",
    "pass=10:15:30",
    "pass=120ms",
    "user=bob pass=yes",
    "user=bob pass=3",
    "low-pass=a1b2c3",
    "pin=13",
    "pin 1300",
    "pin=high",
    "pin=GPIO17",
    "pin: 1.2.3",
    "pin=481516234",
    "pw=12.5",
    "pw=high",
    "pw=120us",
    "bearer of a1b2c3d4e5f6",
    "bearer=eps5",
    "jwt: expired",
    "creds: 3 loaded",
    "creds=missing",
    ##"{"pass": 12, "fail": 3} x"##,
  ])
  func valuesThatDoNotStay(_ text: String) { #expect(Redacting(pack: "default")(text) == text) }

  @Test func aKeySaysThatItsValueMayBeASecret() {
    let redact = Redacting(pack: "default")
    #expect(
      redact(##"{"pass":"hunter2","n":{"pin":"4815"},"pw":"x"}"##) == ##"{"pass":"****","n":{"pin":"****"},"pw":"x"}"##)
    #expect(redact(##"{"pass":true,"pin":"13","jwt":null}"##) == ##"{"pass":true,"pin":"13","jwt":null}"##)
  }

  @Test func anAttributeOfADoubtfulNameIsMaskedByItsLook() throws {
    var options = RedactionOptions()
    options.allowAllKeys = true
    options.detectors = RuleSet.pack("default") ?? RuleSet()
    var batch = try LogBatch.decoded(
      record(
        ("pass", .text("hunter2")), ("pin", .number(4815)), ("smtp.pw", .text("a1b2c3")), ("test.pass", .text("ok")),
        ("gpio.pin", .number(17)), ("m", .map(("pass", .text("hunter2")), ("pin", .text("high"))))))
    RedactionProcessor(id: "redaction", options).process(&batch)
    #expect(
      batch.recordAttributes == [
        [
          .init("pass", "****"), .init("pin", "****"), .init("smtp.pw", "****"), .init("test.pass", "ok"),
          .init("gpio.pin", 17), .init("m", .map([.init("pass", "****"), .init("pin", "high")])),
        ]
      ])
  }
}
