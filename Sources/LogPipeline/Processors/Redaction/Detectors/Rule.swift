/// A built-in rule of redaction; what it is and does stands in its file in `Rules`.
package enum Rule: UInt8, CaseIterable, Sendable {
  case creditCard, cnResidentID, cnMobile, cnBankCard, cnUSCC, cnPassport, cnHKPass
  case phoneIntl, phoneUS, email, ipv4, ipv6, macAddress
  case jwt, bearerBasic, awsAccessKey, awsSecretKey, gcpAPIKey, gcpOAuth, azureSAS, aliyunAK, tencentSecretID
  case githubToken, gitlabToken, slackToken, stripeKey, openaiKey, npmToken, sendgrid
  case privateKeyPEM, urlCredentials, secretKV, keyName
  case iban, usSSN, usITIN, ukNINO, inAadhaar, krRRN, jpMyNumber, sgNRIC, brCPF, esDNI
  case geoCoordinate

  /// The table of all rules.
  var definition: RuleDefinition {
    switch self {
    case .creditCard: .creditCard
    case .cnResidentID: .cnResidentID
    case .cnMobile: .cnMobile
    case .cnBankCard: .cnBankCard
    case .cnUSCC: .cnUSCC
    case .cnPassport: .cnPassport
    case .cnHKPass: .cnHKPass
    case .phoneIntl: .phoneIntl
    case .phoneUS: .phoneUS
    case .email: .email
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    case .macAddress: .macAddress
    case .jwt: .jwt
    case .bearerBasic: .bearerBasic
    case .awsAccessKey: .awsAccessKey
    case .awsSecretKey: .awsSecretKey
    case .gcpAPIKey: .gcpAPIKey
    case .gcpOAuth: .gcpOAuth
    case .azureSAS: .azureSAS
    case .aliyunAK: .aliyunAK
    case .tencentSecretID: .tencentSecretID
    case .githubToken: .githubToken
    case .gitlabToken: .gitlabToken
    case .slackToken: .slackToken
    case .stripeKey: .stripeKey
    case .openaiKey: .openaiKey
    case .npmToken: .npmToken
    case .sendgrid: .sendgrid
    case .privateKeyPEM: .privateKeyPEM
    case .urlCredentials: .urlCredentials
    case .secretKV: .secretKV
    case .keyName: .keyName
    case .iban: .iban
    case .usSSN: .usSSN
    case .usITIN: .usITIN
    case .ukNINO: .ukNINO
    case .inAadhaar: .inAadhaar
    case .krRRN: .krRRN
    case .jpMyNumber: .jpMyNumber
    case .sgNRIC: .sgNRIC
    case .brCPF: .brCPF
    case .esDNI: .esDNI
    case .geoCoordinate: .geoCoordinate
    }
  }

  /// The rule's id in configuration and metrics.
  package var id: String { definition.id }

  /// What stays visible unless the configuration says otherwise.
  package var defaultMask: Mask { definition.mask }

  /// The rule of an id.
  package init?(id: String) {
    guard let rule = Rule.allCases.first(where: { $0.id == id }) else { return nil }
    self = rule
  }
}
