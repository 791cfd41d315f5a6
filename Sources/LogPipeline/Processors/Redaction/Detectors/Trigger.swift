/// A short literal whose sight starts a closer look, in the syntax of `LiteralScan.literal`.
///
/// Each is the rarest few bytes of what its detectors look for, so that ordinary text starts next to none.
enum Trigger: CaseIterable {
  /// The third digit of a run of digits; once for each run.
  case digits
  /// Two upper-case letters and two digits: IBAN, NINO.
  case lettersDigits
  case at, slashes, jwt, aKey, aliyun, underscoreToken, githubPat, gitlab, slack, slackHook, stripe, openai, sendgrid
  case gcpOAuth, pem, sas, scheme, aws
  case password, pwd, secret, credential, token, key, auth, session, cookie
  case octets, ipv6Groups, ipv6Gap, macColons, macDashes, plus

  var literal: LiteralScan.Literal {
    switch self {
    case .digits: LiteralScan.literal("!###")
    case .lettersDigits: LiteralScan.literal("^^##")
    case .at: LiteralScan.literal("@")
    case .slashes: LiteralScan.literal("://")
    case .jwt: LiteralScan.literal("yJ")
    case .aKey: LiteralScan.literal("A[KSGIRN][IPDOVz][ADa]")
    case .aliyun: LiteralScan.literal("LTAI")
    case .underscoreToken: LiteralScan.literal("[gn][hp][pousrm]_")
    case .githubPat: LiteralScan.literal("pat_")
    case .gitlab: LiteralScan.literal("gl[pdrc][atb]")
    case .slack: LiteralScan.literal("xox")
    case .slackHook: LiteralScan.literal("ck.c")
    case .stripe: LiteralScan.literal("[rs]k_[lt]")
    case .openai: LiteralScan.literal("sk-")
    case .sendgrid: LiteralScan.literal("SG.")
    case .gcpOAuth: LiteralScan.literal("ya2")
    case .pem: LiteralScan.literal("-BE")
    case .sas: LiteralScan.literal("ig=")
    case .scheme: LiteralScan.literal("[rs][ei][rc] ", ignoringCase: true)
    case .aws: LiteralScan.literal("aws", ignoringCase: true)
    case .password: LiteralScan.literal("ssw", ignoringCase: true)
    case .pwd: LiteralScan.literal("pwd", ignoringCase: true)
    case .secret: LiteralScan.literal("ecre", ignoringCase: true)
    case .credential: LiteralScan.literal("cred", ignoringCase: true)
    case .token: LiteralScan.literal("oken", ignoringCase: true)
    case .key: LiteralScan.literal("key", ignoringCase: true)
    case .auth: LiteralScan.literal("auth", ignoringCase: true)
    case .session: LiteralScan.literal("ssio", ignoringCase: true)
    case .cookie: LiteralScan.literal("ooki", ignoringCase: true)
    case .octets: LiteralScan.literal("#.#")
    case .ipv6Groups: LiteralScan.literal("%:%")
    case .ipv6Gap: LiteralScan.literal("::")
    case .macColons: LiteralScan.literal("%%:%%:")
    case .macDashes: LiteralScan.literal("%%-%%-")
    case .plus: LiteralScan.literal("+#")
    }
  }

  /// Whether any of the rules needs this trigger.
  func isNeeded(by rules: RuleSet) -> Bool {
    switch self {
    case .digits:
      rules.containsAny(
        of: .creditCard, .cnResidentID, .cnMobile, .cnBankCard, .cnUSCC, .cnPassport, .cnHKPass, .phoneUS, .usSSN,
        .usITIN, .inAadhaar, .krRRN, .jpMyNumber, .sgNRIC, .brCPF, .esDNI, .geoCoordinate)
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
    case .scheme: rules.contains(.bearerBasic)
    case .aws: rules.contains(.awsSecretKey)
    case .token: rules.containsAny(of: .secretKV, .bearerBasic)
    case .key: rules.containsAny(of: .secretKV, .azureSAS)
    case .password, .pwd, .secret, .credential, .auth, .session, .cookie: rules.contains(.secretKV)
    case .octets: rules.contains(.ipv4)
    case .ipv6Groups, .ipv6Gap: rules.contains(.ipv6)
    case .macColons, .macDashes: rules.contains(.macAddress)
    case .plus: rules.contains(.phoneIntl)
    }
  }
}
