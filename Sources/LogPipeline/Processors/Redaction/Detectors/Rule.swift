/// A built-in rule of redaction: what it finds is in the file of its detector.
package enum Rule: UInt8, CaseIterable, Sendable {
  case creditCard, cnResidentID, cnMobile, cnBankCard, cnUSCC, cnPassport, cnHKPass
  case phoneIntl, phoneUS, email, ipv4, ipv6, macAddress
  case jwt, bearerBasic, awsAccessKey, awsSecretKey, gcpAPIKey, gcpOAuth, azureSAS, aliyunAK, tencentSecretID
  case githubToken, gitlabToken, slackToken, stripeKey, openaiKey, npmToken, sendgrid
  case privateKeyPEM, urlCredentials, secretKV, keyName
  case iban, usSSN, usITIN, ukNINO, inAadhaar, krRRN, jpMyNumber, sgNRIC, brCPF, esDNI
  case geoCoordinate

  /// The rule's id in configuration and metrics.
  package var id: String {
    switch self {
    case .creditCard: "credit_card"
    case .cnResidentID: "cn_resident_id"
    case .cnMobile: "cn_mobile"
    case .cnBankCard: "cn_bank_card"
    case .cnUSCC: "cn_uscc"
    case .cnPassport: "cn_passport"
    case .cnHKPass: "cn_hk_pass"
    case .phoneIntl: "phone_intl"
    case .phoneUS: "phone_us"
    case .email: "email"
    case .ipv4: "ipv4"
    case .ipv6: "ipv6"
    case .macAddress: "mac_address"
    case .jwt: "jwt"
    case .bearerBasic: "bearer_basic"
    case .awsAccessKey: "aws_access_key"
    case .awsSecretKey: "aws_secret_key"
    case .gcpAPIKey: "gcp_api_key"
    case .gcpOAuth: "gcp_oauth"
    case .azureSAS: "azure_sas"
    case .aliyunAK: "aliyun_ak"
    case .tencentSecretID: "tencent_secret_id"
    case .githubToken: "github_token"
    case .gitlabToken: "gitlab_token"
    case .slackToken: "slack_token"
    case .stripeKey: "stripe_key"
    case .openaiKey: "openai_key"
    case .npmToken: "npm_token"
    case .sendgrid: "sendgrid"
    case .privateKeyPEM: "private_key_pem"
    case .urlCredentials: "url_credentials"
    case .secretKV: "secret_kv"
    case .keyName: "key_name"
    case .iban: "iban"
    case .usSSN: "us_ssn"
    case .usITIN: "us_itin"
    case .ukNINO: "uk_nino"
    case .inAadhaar: "in_aadhaar"
    case .krRRN: "kr_rrn"
    case .jpMyNumber: "jp_mynumber"
    case .sgNRIC: "sg_nric"
    case .brCPF: "br_cpf"
    case .esDNI: "es_dni"
    case .geoCoordinate: "geo_coordinate"
    }
  }

  /// The rule of an id.
  package init?(id: String) {
    guard let rule = Rule.allCases.first(where: { $0.id == id }) else { return nil }
    self = rule
  }

  /// What stays visible unless the configuration says otherwise.
  package var defaultMask: Mask {
    switch self {
    case .creditCard, .cnBankCard, .usSSN, .usITIN, .inAadhaar, .jpMyNumber: .keep(first: 0, last: 4)
    case .cnResidentID: .keep(first: 3, last: 2)
    case .cnMobile: .keep(first: 3, last: 4)
    case .phoneIntl, .phoneUS: .keep(first: 0, last: 2)
    case .iban: .keep(first: 2, last: 4)
    case .email: .domain
    case .ipv4: .network4
    case .ipv6: .network6
    case .macAddress: .manufacturer
    default: .whole
    }
  }
}

/// What a mask leaves visible of a match; the mask's text stands for the rest.
package enum Mask: Sendable, Equatable {
  case whole
  /// So many characters at the start and the end; a match with no more than these is masked whole.
  case keep(first: Int, last: Int)
  /// The first character and the domain of an e-mail address.
  case domain
  /// An IPv4 address with its last octet zero.
  case network4
  /// The first three groups of an IPv6 address.
  case network6
  /// The first three octets of a MAC address.
  case manufacturer
}

/// A set of built-in rules.
package struct RuleSet: Sendable, Equatable {
  private var bits: UInt64 = 0

  package init(_ rules: [Rule] = []) {
    for rule in rules { insert(rule) }
  }

  @inline(__always)
  package func contains(_ rule: Rule) -> Bool { bits >> UInt64(rule.rawValue) & 1 != 0 }
  package mutating func insert(_ rule: Rule) { bits |= 1 << UInt64(rule.rawValue) }
  package mutating func remove(_ rule: Rule) { bits &= ~(1 << UInt64(rule.rawValue)) }
  package mutating func formUnion(_ other: RuleSet) { bits |= other.bits }
  package func containsAny(of rules: Rule...) -> Bool { rules.contains { contains($0) } }
  package var isEmpty: Bool { bits == 0 }
  /// The rules in the order of their declaration.
  package var rules: [Rule] { Rule.allCases.filter { contains($0) } }

  /// The names of the packs.
  package static let packNames = ["default", "secrets", "pci", "pii-cn", "pii-us", "gdpr", "strict"]

  /// The rules of a pack; nil if there is none of this name.
  package static func pack(_ name: String) -> RuleSet? {
    switch name {
    case "default":
      var rules = secrets
      rules.formUnion(RuleSet([.creditCard, .cnResidentID, .cnMobile, .iban, .usSSN]))
      return rules
    case "secrets": return secrets
    case "pci": return RuleSet([.creditCard, .cnBankCard])
    case "pii-cn": return RuleSet([.cnResidentID, .cnMobile, .cnBankCard, .cnPassport, .cnHKPass, .email])
    case "pii-us": return RuleSet([.usSSN, .usITIN, .phoneUS, .email])
    case "gdpr":
      return RuleSet([.email, .phoneIntl, .ipv4, .ipv6, .macAddress, .iban, .ukNINO, .esDNI, .geoCoordinate])
    case "strict": return RuleSet(Rule.allCases)
    default: return nil
    }
  }

  private static let secrets = RuleSet([
    .jwt, .bearerBasic, .awsAccessKey, .awsSecretKey, .gcpAPIKey, .gcpOAuth, .azureSAS, .aliyunAK, .tencentSecretID,
    .githubToken, .gitlabToken, .slackToken, .stripeKey, .openaiKey, .npmToken, .sendgrid, .privateKeyPEM,
    .urlCredentials, .secretKV, .keyName,
  ])
}
