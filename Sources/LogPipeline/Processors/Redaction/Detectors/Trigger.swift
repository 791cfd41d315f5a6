// decision: docs/decisions/0202-redaction-scan.md

/// A short literal whose sight starts a closer look, in the syntax of `LiteralScan.Literal`.
///
/// Each is the rarest few bytes of what its detectors look for, so that ordinary text starts next to none. Its anchor
/// are three of these that ordinary text has seldom, and that are like other anchors: the sixteen groups of the scan
/// let less pass if the anchors in each are alike.
enum Trigger: CaseIterable {
  /// The start of a run of at least three digits.
  case digits
  /// The same, but of six digits or with a group of digits after them.
  case longDigits
  /// Two upper-case letters and two digits: IBAN, NINO.
  case lettersDigits
  case at, slashes, jwt, aKey, aliyun, underscoreToken, githubPat, gitlab, slack, slackHook, stripe, openai, sendgrid
  case gcpOAuth, pem, sas, bearer, basic, aws
  case password, passphrase, passcode, pass, pwd, cardCode, secret, credential, token, key, auth, session, cookie
  /// One-time passwords, PINs, JSON web tokens and `mdp`, French for password.
  case shortName
  /// Words for a password in languages other than English: `Kennwort` and `wachtwoord`, `mot de passe`, `contraseña`,
  /// `senha`, `hasło` and `heslo`, `şifre`, `parola`.
  case wort, passe, contrasena, senha, haslo, hasloAccented, sifre, parola
  /// Words of `WideNames`, each by its end.
  case hanKey, hanGoldKey, hanCode, passphraseChinese, tokenChinese, kana, pinJapanese, hangul, cyrillic, arabic,
    devanagari
  /// `IDENTIFIED BY` of SQL.
  case identified
  case octets, ipv6Groups, ipv6Gap, macColons, macDashes, plus
  /// Escapes of URLs, of JSON and languages, and of HTML and XML.
  case percentEscape, backslashEscape, reference

  var literal: LiteralScan.Literal {
    switch self {
    case .digits: LiteralScan.Literal("!###", anchor: 0)
    case .longDigits: LiteralScan.Literal("!###[0123456789 -][0123456789 -]", anchor: 0)
    case .lettersDigits: LiteralScan.Literal("^^##", anchor: 1)
    case .at: LiteralScan.Literal("@", anchor: 0)
    case .slashes: LiteralScan.Literal("://", anchor: 1)
    case .jwt: LiteralScan.Literal("yJ", anchor: 1)
    case .aKey: LiteralScan.Literal("A[KSGIRN][IPDOVz][ADa]", anchor: 1)
    case .aliyun: LiteralScan.Literal("LTAI", anchor: 0)
    case .underscoreToken: LiteralScan.Literal("[gn][hp][pousrm]_", anchor: 2)
    case .githubPat: LiteralScan.Literal("b_pat_", anchor: 0)
    case .gitlab: LiteralScan.Literal("gl[pdrc][atb]", anchor: 0)
    case .slack: LiteralScan.Literal("xox", anchor: 1)
    case .slackHook: LiteralScan.Literal("ck.c", anchor: 1)
    case .stripe: LiteralScan.Literal("[rs]k_[lt]", anchor: 1)
    case .openai: LiteralScan.Literal("sk-", anchor: 0)
    case .sendgrid: LiteralScan.Literal("SG.", anchor: 0)
    case .gcpOAuth: LiteralScan.Literal("ya2", anchor: 0)
    case .pem: LiteralScan.Literal("-BE", anchor: 1)
    case .sas: LiteralScan.Literal("ig=", anchor: 0)
    case .bearer: LiteralScan.Literal("bear", anchor: 0, ignoringCase: true)
    case .basic: LiteralScan.Literal("sic ", anchor: 2, ignoringCase: true)
    case .aws: LiteralScan.Literal("aws", anchor: 1, ignoringCase: true)
    case .password: LiteralScan.Literal("ssw", anchor: 1, ignoringCase: true)
    case .passphrase: LiteralScan.Literal("ssph", anchor: 2, ignoringCase: true)
    case .passcode: LiteralScan.Literal("ssco", anchor: 0, ignoringCase: true)
    case .pass: LiteralScan.Literal("pass[=:\"'\\ \t(,<]", anchor: 0, ignoringCase: true)
    case .cardCode: LiteralScan.Literal("cv[vc]", anchor: 0, ignoringCase: true)
    case .shortName: LiteralScan.Literal("[jmop][wdit][tpn][=:\"'\\]", anchor: 1, ignoringCase: true)
    case .pwd: LiteralScan.Literal("pw[d=:\"'\\]", anchor: 0, ignoringCase: true)
    case .secret: LiteralScan.Literal("ecre", anchor: 1, ignoringCase: true)
    case .credential: LiteralScan.Literal("cred", anchor: 0, ignoringCase: true)
    case .token: LiteralScan.Literal("oken", anchor: 1, ignoringCase: true)
    case .key: LiteralScan.Literal("key", anchor: 0, ignoringCase: true)
    case .auth: LiteralScan.Literal("auth", anchor: 1, ignoringCase: true)
    case .session: LiteralScan.Literal("sessi", anchor: 2, ignoringCase: true)
    case .cookie: LiteralScan.Literal("ooki", anchor: 2, ignoringCase: true)
    case .wort: LiteralScan.Literal("[nh][nt]wo[ro]", anchor: 0, ignoringCase: true)
    case .passe: LiteralScan.Literal("passe[=:\"'\\ ]", anchor: 2, ignoringCase: true)
    case .contrasena: LiteralScan.Literal("trase", anchor: 1, ignoringCase: true)
    case .senha: LiteralScan.Literal("senha", anchor: 2, ignoringCase: true)
    case .haslo: LiteralScan.Literal("h[ae]sl", anchor: 2, ignoringCase: true)
    case .hasloAccented: LiteralScan.Literal("sło", anchor: 1, ignoringCase: true)
    case .sifre: LiteralScan.Literal("ifre", anchor: 0, ignoringCase: true)
    case .parola: LiteralScan.Literal("arola", anchor: 0, ignoringCase: true)
    case .hanKey: LiteralScan.Literal("密[码碼钥鑰][码碼钥鑰][码碼钥鑰]", anchor: 0)
    case .hanGoldKey: LiteralScan.Literal("[金權][金權][金權][鑰杖][鑰杖][鑰杖]", anchor: 0)
    case .hanCode: LiteralScan.Literal("行碼", anchor: 1)
    case .passphraseChinese: LiteralScan.Literal("口令", anchor: 0)
    case .tokenChinese: LiteralScan.Literal("令牌", anchor: 4)
    case .kana: LiteralScan.Literal("[ワレ][ワレ][ワレ]ー[ドズ][ドズ][ドズ]", anchor: 2)
    case .pinJapanese: LiteralScan.Literal("証番号", anchor: 3)
    case .hangul: LiteralScan.Literal("[밀스][밀스][밀스][번워][번워][번워][호드][호드][호드]", anchor: 2)
    case .cyrillic: LiteralScan.Literal("[рР][рР][оО][оО][лЛ][лЛ][ьЬ][ьЬ]", anchor: 3)
    case .arabic: LiteralScan.Literal("[رل][رل][وس][وس]ر", anchor: 3)
    case .devanagari: LiteralScan.Literal("र्ड", anchor: 2)
    case .identified: LiteralScan.Literal("tified [bw]", anchor: 3, ignoringCase: true)
    case .octets: LiteralScan.Literal("#.#", anchor: 1)
    case .ipv6Groups: LiteralScan.Literal("%:%", anchor: 1)
    case .ipv6Gap: LiteralScan.Literal("::", anchor: 0)
    case .macColons: LiteralScan.Literal("%%:%%:", anchor: 2)
    case .macDashes: LiteralScan.Literal("%%-%%-", anchor: 2)
    case .plus: LiteralScan.Literal("+#", anchor: 0)
    case .percentEscape: LiteralScan.Literal("[%]%%", anchor: 0)
    case .backslashEscape: LiteralScan.Literal("\\[\"'nrtuxU\\/01234567]", anchor: 0)
    case .reference: LiteralScan.Literal("&[#qaglec][xumptqo0123456789]", anchor: 0)
    }
  }

  /// Whether any of the rules needs this trigger.
  func isNeeded(by rules: RuleSet) -> Bool {
    switch self {
    case .digits: rules.hasPunctuatedNumbers
    case .longDigits:
      !rules.hasPunctuatedNumbers
        && rules.containsAny(
          of: .creditCard, .cnResidentID, .cnMobile, .cnBankCard, .cnUSCC, .cnPassport, .cnHKPass, .usSSN, .usITIN,
          .inAadhaar, .krRRN, .jpMyNumber, .sgNRIC, .esDNI)
    case .lettersDigits: rules.containsAny(of: .iban, .ukNINO)
    case .at: rules.contains(.email)
    case .slashes: rules.contains(.urlCredentials)
    case .jwt: rules.contains(.jwt)
    case .aKey: rules.containsAny(of: .awsAccessKey, .tencentSecretID, .gcpAPIKey)
    case .aliyun: rules.contains(.aliyunAK)
    case .underscoreToken: rules.containsAny(of: .githubToken, .npmToken)
    case .githubPat: rules.contains(.githubToken)
    case .gitlab: rules.contains(.gitlabToken)
    case .slack, .slackHook: rules.contains(.slackToken)
    case .stripe: rules.contains(.stripeKey)
    case .openai: rules.contains(.openaiKey)
    case .sendgrid: rules.contains(.sendgrid)
    case .gcpOAuth: rules.contains(.gcpOAuth)
    case .pem: rules.contains(.privateKeyPEM)
    case .sas: rules.contains(.azureSAS)
    case .bearer, .basic: rules.contains(.bearerBasic)
    case .aws: rules.contains(.awsSecretKey)
    case .token: rules.containsAny(of: .secretKV, .bearerBasic)
    case .key: rules.containsAny(of: .secretKV, .azureSAS)
    case .password, .passphrase, .passcode, .pass, .pwd, .cardCode, .secret, .credential, .auth, .session, .cookie,
      .shortName, .wort, .passe, .contrasena, .senha, .haslo, .hasloAccented, .sifre, .parola, .hanKey, .hanGoldKey,
      .hanCode, .passphraseChinese, .tokenChinese, .kana, .pinJapanese, .hangul, .cyrillic, .arabic, .devanagari,
      .identified:
      rules.contains(.secretKV)
    case .octets: rules.contains(.ipv4)
    case .ipv6Groups, .ipv6Gap: rules.contains(.ipv6)
    case .macColons, .macDashes: rules.contains(.macAddress)
    case .plus: rules.contains(.phoneIntl)
    case .percentEscape, .backslashEscape, .reference: !rules.isEmpty
    }
  }
}

extension RuleSet {
  /// Whether a short number may be the start of one with points or brackets in it.
  fileprivate var hasPunctuatedNumbers: Bool { containsAny(of: .geoCoordinate, .phoneUS, .brCPF) }
}
