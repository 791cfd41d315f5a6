import Testing

@testable import LogPipeline

@Suite struct TriggerTests {
  /// A text in which the trigger has to be seen.
  private func sample(_ trigger: Trigger) -> String {
    switch trigger {
    case .digits: "id 123"
    case .longDigits: "id 411 1"
    case .lettersDigits: "iban DE89 3704"
    case .at: "ann@example.com"
    case .slashes: "https://user"
    case .jwt: "eyJhbGciOi"
    case .aKey: "AKIAIOSFODNN7EXAMPLE"
    case .aliyun: "LTAI5t"
    case .underscoreToken: "ghp_abc"
    case .githubPat: "github_pat_11"
    case .gitlab: "glpat-x"
    case .slack: "xoxb-1"
    case .slackHook: "hooks.slack.com"
    case .stripe: "sk_live_4e"
    case .openai: "sk-proj-"
    case .sendgrid: "SG.abc"
    case .gcpOAuth: "ya29.a0"
    case .pem: "-----BEGIN"
    case .sas: "&sig=abc"
    case .bearer: "Authorization: BEARER x"
    case .basic: "Basic YWxhZGRpbg"
    case .aws: "aws_secret"
    case .password: "Password=x"
    case .passphrase: "passphrase=x"
    case .passcode: "passcode=x"
    case .pass: "pass=x"
    case .pwd: "pwd=x"
    case .cardCode: "cvv=123"
    case .secret: "SECRET=x"
    case .credential: "credential=x"
    case .token: "token=x"
    case .key: "api_key=x"
    case .auth: "auth=x"
    case .session: "session=x"
    case .cookie: "Cookie: a"
    case .shortName: "pin=1234"
    case .wort: "Kennwort: x"
    case .passe: "mot de passe: x"
    case .contrasena: "contraseña: x"
    case .senha: "senha: x"
    case .haslo: "heslo: x"
    case .hasloAccented: "hasło: x"
    case .sifre: "şifre: x"
    case .parola: "parola: x"
    case .hanKey: "密码: x"
    case .hanGoldKey: "金鑰: x"
    case .hanCode: "通行碼: x"
    case .passphraseChinese: "口令: x"
    case .tokenChinese: "令牌: x"
    case .kana: "パスワード: x"
    case .pinJapanese: "暗証番号: x"
    case .hangul: "비밀번호: x"
    case .cyrillic: "пароль: x"
    case .arabic: "كلمة المرور: x"
    case .devanagari: "पासवर्ड: x"
    case .identified: "IDENTIFIED BY 'x'"
    case .octets: "192.0.2.1"
    case .ipv6Groups: "2001:db8:1:2"
    case .ipv6Gap: "2001::1"
    case .macColons: "00:1a:2b:3c"
    case .macDashes: "00-1a-2b-3c"
    case .plus: "+49 30"
    case .percentEscape: "a%3Db"
    case .backslashEscape: #"a\"b"#
    case .reference: "a&quot;b"
    }
  }

  private func sees(_ trigger: Trigger, _ text: String) throws -> Bool {
    let scan = try #require(LiteralScan([trigger.literal]))
    var hits = 0
    Array(text.utf8).withUnsafeBytes { bytes in scan.scan(bytes, from: scan.firstAnchors(bytes)) { _, _ in hits += 1 } }
    return hits > 0
  }

  @Test(arguments: Trigger.allCases) func aTriggerIsSeenInWhatItIsFor(_ trigger: Trigger) throws {
    #expect(try sees(trigger, sample(trigger)))
    #expect(try sees(trigger, "some text before " + sample(trigger)))
  }

  @Test(arguments: Trigger.allCases) func ordinaryTextShowsNone(_ trigger: Trigger) throws {
    #expect(try !sees(trigger, "The quick brown fox jumps over the lazy dog, and then GET /index returned nothing"))
    #expect(try !sees(trigger, ""))
  }

  /// All that some rules need go through the scan together.
  @Test(arguments: RuleSet.packNames) func thoseOfAPackFitTheScan(_ pack: String) throws {
    let rules = try #require(RuleSet.pack(pack))
    let needed = Trigger.allCases.filter { $0.isNeeded(by: rules) }
    #expect(!needed.isEmpty)
    #expect(LiteralScan(needed.map(\.literal)) != nil)
  }

  @Test func withoutRulesNothingIsLookedFor() {
    #expect(Trigger.allCases.filter { $0.isNeeded(by: RuleSet()) }.isEmpty)
  }

  /// A rule that looks at values has something that starts its look.
  @Test(arguments: Rule.allCases) func everyRuleHasATriggerOfItsOwn(_ rule: Rule) {
    let escapes: [Trigger] = [.percentEscape, .backslashEscape, .reference]
    let own = Trigger.allCases.filter { $0.isNeeded(by: RuleSet([rule])) && !escapes.contains($0) }
    #expect(own.isEmpty == (rule == .keyName), "\(rule): \(own)")
  }

  @Test func shortNumbersStartALookOnlyWhereTheyMayGoOnWithPoints() {
    #expect(Trigger.digits.isNeeded(by: RuleSet([.phoneUS])) && !Trigger.longDigits.isNeeded(by: RuleSet([.phoneUS])))
    #expect(
      !Trigger.digits.isNeeded(by: RuleSet([.creditCard])) && Trigger.longDigits.isNeeded(by: RuleSet([.creditCard])))
    let both = RuleSet([.phoneUS, .creditCard])
    #expect(Trigger.digits.isNeeded(by: both) && !Trigger.longDigits.isNeeded(by: both))
  }
}
