@testable import LogPipeline

/// For each rule, texts with what is left of them, and look-alikes that stay as they are.
struct DetectorSamples {
  let rule: Rule
  let changed: [(text: String, left: String)]
  let unchanged: [String]

  private static let letters40 = "abcdEFGHijklMNOPqrstUVWXyz0123456789ABcd"
  private static let jwt =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

  static let numbers: [DetectorSamples] = [
    .init(
      rule: .creditCard,
      changed: [
        ("paid with 4111111111111111.", "paid with ****1111."), ("4111 1111 1111 1111", "****1111"),
        ("card 4111-1111-1111-1111 ok", "card ****1111 ok"), ("378282246310005", "****0005"),
        ("3782 822463 10005", "****0005"), ("5555555555554444", "****4444"), ("2223003122003222", "****3222"),
        ("6011111111111117", "****1117"), ("3530111333300000", "****0000"), ("213100000000001", "****0001"),
        ("card 501800000009", "card ****0009"), ("30569309025904", "****5904"),
        ("6200000000000005", "****0005"), ("id 12 4111 1111 1111 1111", "id 12 ****1111"),
        ("card=6759649826438453", "card=****8453"), ("卡号4111111111111111，", "卡号****1111，"),
        ("paid by visa 4222222222222", "paid by visa ****2222"), ("卡 4222222222222", "卡 ****2222"),
        ("4111 1111 1111 1111 08/27 123", "****1111 08/27 123"),
      ],
      unchanged: [
        "4111111111111112", "1700000000000", "1700000000000000000", "2024112312345678", "41111111111111110",
        "a4111111111111111", "4111111111111111f", "0.4111111111111111", "4111111111111111.5", "6759649826438453",
        "4222222222222", "4000000000000000006", "card_id=550e8400-e29b-41d4-a716-501800000009",
        "4111-1111-1111-1111-1111", "41111111-1111-1111-1111-111111111111", "order 123456789012",
      ]),
    .init(
      rule: .cnResidentID,
      changed: [
        ("身份证11010519491231002X。", "身份证110****2X。"), ("id=11010519491231002x", "id=110****2x"),
        ("440524188001010014", "440****14"),
      ],
      unchanged: [
        "110105194912310021", "110105194913310021", "990105194912310021", "1101051949123100211", "2024112300000000012",
      ]),
    .init(
      rule: .cnMobile,
      changed: [
        ("电话13812345678", "电话138****5678"), ("+8613812345678", "+86138****5678"),
        ("+86 13812345678", "+86 138****5678"),
        ("8613812345678", "86138****5678"), ("138-1234-5678", "138****5678"), ("138 1234 5678", "138****5678"),
      ],
      unchanged: [
        "1700000000", "138123456789", "12812345678", "0.13812345678", "13812345678.25", "14012345678", "a13812345678",
        "10000000000", "12 138 1234 5678", "138 1234 5678 9012",
      ]),
    .init(
      rule: .cnBankCard, changed: [("6222021234567890128", "****0128"), ("6200000000000005", "****0005")],
      unchanged: ["6222021234567890123", "4111111111111111"]),
    .init(
      rule: .cnUSCC, changed: [("91350100M000100Y43", "****"), ("code 91110000600037341L", "code ****")],
      unchanged: ["91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43"]),
    .init(
      rule: .cnPassport, changed: [("passport E12345678", "passport ****"), ("护照号G12345678", "护照号****")],
      unchanged: ["part E12345678", "passport E1234567", "passport A12345678"]),
    .init(rule: .cnHKPass, changed: [("通行证H12345678", "通行证****")], unchanged: ["H12345678", "通行证X12345678"]),
    .init(
      rule: .usSSN,
      changed: [
        ("ssn 219-09-9999", "ssn ****9999"), ("SSN: 219099999", "SSN: ****9999"), ("ssn=219 09 9999", "ssn=****9999"),
      ],
      unchanged: [
        "000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "219099999", "219-09-99999",
        "1219-09-9999", "219-09-9999-1", "2024-11-23",
      ]),
    .init(
      rule: .usITIN, changed: [("912-70-1234", "****1234")], unchanged: ["912-10-1234", "812-70-1234", "912701234"]),
    .init(
      rule: .phoneUS,
      changed: [
        ("call (212) 555-0123", "call ****23"), ("212-555-0123", "****23"), ("212.555.0123", "****23"),
        ("1-212-555-0123", "1-****23"),
      ],
      unchanged: ["2125550123", "112-555-0123", "212-155-0123", "212-555-01234", "10.212.555.0123"]),
    .init(
      rule: .phoneIntl, changed: [("+442079460958", "****58"), ("tel +49 (30) 901820", "tel ****20")],
      unchanged: ["+1234567", "+08:00", "442079460958", "1+442079460958", "+1.5", "+4420794609581234"]),
    .init(
      rule: .krRRN, changed: [("900101-1234568", "****")], unchanged: ["900101-1234567", "901301-1234568"]),
    .init(
      rule: .jpMyNumber, changed: [("123456789018", "****9018")], unchanged: ["123456789012", "1234567890180"]),
    .init(
      rule: .inAadhaar, changed: [("2341 2341 2346", "****2346")], unchanged: ["2341 2341 2345", "0341 2341 2346"]),
    .init(
      rule: .sgNRIC, changed: [("S1234567D", "****"), ("F1234567N", "****")], unchanged: ["S1234567E", "X1234567D"]),
    .init(
      rule: .brCPF, changed: [("529.982.247-25", "****"), ("52998224725", "****")],
      unchanged: ["529.982.247-26", "11111111111", "529.982.247.25"]),
    .init(rule: .esDNI, changed: [("12345678Z", "****")], unchanged: ["12345678A", "123456789Z"]),
    .init(
      rule: .ukNINO, changed: [("AB123456C", "****"), ("AB12 34 56 C", "****")],
      unchanged: ["GB123456C", "AB123456E", "DB123456C", "AB12345C"]),
    .init(
      rule: .iban,
      changed: [
        ("DE89370400440532013000", "DE****3000"), ("GB82 WEST 1234 5698 7654 32", "GB****4 32"),
        ("to FR1420041010050500013M02606.", "to FR****2606."), ("?a=DE89-3704-0044-0532-0130-00", "?a=DE****0-00"),
      ],
      unchanged: [
        "DE89370400440532013001", "XX89370400440532013000", "DE8937040044053201300", "ADE89370400440532013000",
      ]),
    .init(
      rule: .geoCoordinate, changed: [("at 39.9042, 116.4074", "at ****"), ("-33.8688,151.2093", "****")],
      unchanged: ["39.90, 116.40", "99.9042, 116.4074", "39.9042, 216.4074", "0.12345"]),
  ]

  static let addresses: [DetectorSamples] = [
    .init(
      rule: .email,
      changed: [
        ("from jane.doe+x@example.co.uk!", "from j***@example.co.uk!"), ("13812345678@qq.com", "1***@qq.com"),
        ("<a@b.io>", "<a***@b.io>"),
      ],
      unchanged: [
        "git@github.com:org/repo", "icon@2x.png", "getty@tty1.service", "foo@bar", "lodash@4.17.21", "@user", "a@b.c1",
      ]),
    .init(
      rule: .ipv4, changed: [("from 192.168.17.4:443", "from 192.168.17.0:443"), ("10.0.0.1", "10.0.0.0")],
      unchanged: ["v1.2.3.4", "1.2.3", "256.1.1.1", "1.2.3.4.5", "01.2.3.4"]),
    .init(
      rule: .ipv6,
      changed: [("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3::"), ("[fe80::1ff:fe23:4567]", "[fe80::]")],
      unchanged: ["12:34:56", "aa:bb:cc:dd:ee:ff", "std::vector", "1::2::3", "10:20:30:40:50:60:70"]),
    .init(
      rule: .macAddress, changed: [("3c:22:fb:12:34:56", "3c:22:fb:****"), ("3C-22-FB-12-34-56", "3C-22-FB-****")],
      unchanged: ["12:34:56", "3c:22:fb:12:34:56:78", "3c:22-fb:12:34:56"]),
  ]

  static let tokens: [DetectorSamples] = [
    .init(
      rule: .jwt, changed: [("got \(jwt) ok", "got **** ok")],
      unchanged: ["eyJub3QiOiJhIGp3dCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc", "eyJhbGciOiJIUzI1NiJ9", "keyJournal.eyJ"]),
    .init(
      rule: .bearerBasic,
      changed: [
        ("Authorization: Bearer abc123def456ghi", "Authorization: Bearer ****"), ("basic dXNlcjpwYXNz", "basic ****"),
        ("token 9f8e7d6c5b4a3928", "token ****"),
      ],
      unchanged: [
        "Bearer authentication", "basic dXNlcnBhc3M=", "Basic functionality", "token verification-failed",
        "Bearer abc1", "token verification-failed-44", "bearer authenticationFailedAgain",
        "token was-issued-2026-01-31",
      ]),
    .init(
      rule: .awsAccessKey, changed: [("AKIAIOSFODNN7EXAMPLE", "****"), ("key=ASIAIOSFODNN7EXAMPLE,", "key=****,")],
      unchanged: ["AKIAIOSFODNN7EXAMPL", "AKIAIOSFODNN7EXAMPLEA", "XAKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN1EXAMPLE"]),
    .init(
      rule: .awsSecretKey,
      changed: [("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = ****")],
      unchanged: [
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
      ]),
    .init(
      rule: .gcpAPIKey, changed: [("AIza" + letters40.prefix(35), "****")], unchanged: ["AIza" + letters40.prefix(34)]),
    .init(rule: .gcpOAuth, changed: [("ya29." + letters40, "****")], unchanged: ["ya29.abc", "xya29." + letters40]),
    .init(
      rule: .azureSAS,
      changed: [
        ("?sv=1&sig=" + letters40 + "%3D&x", "?sv=1&sig=****&x"),
        ("AccountKey=" + letters40 + letters40 + "abcdef==;", "AccountKey=****;"),
      ], unchanged: ["sig=abc", "config=" + letters40]),
    .init(rule: .aliyunAK, changed: [("LTAI4FoobarBAZ12", "****")], unchanged: ["LTAI4Foo", "VOLTAI4FoobarBAZ12"]),
    .init(
      rule: .tencentSecretID, changed: [("AKID" + letters40.prefix(32), "****")],
      unchanged: ["AKID" + letters40.prefix(31)]),
    .init(
      rule: .githubToken,
      changed: [
        ("ghp_" + letters40.prefix(36), "****"), ("github_pat_" + letters40, "****"), ("ghs_" + letters40, "****"),
      ],
      unchanged: ["ghp_short", "ghx_" + letters40, "high_" + letters40]),
    .init(rule: .gitlabToken, changed: [("glpat-" + letters40.prefix(20), "****")], unchanged: ["glpat-short"]),
    .init(
      rule: .slackToken,
      changed: [
        ("xoxb-1234567890-abc", "****"),
        ("https://hooks.slack.com/services/T00000000/B00000000/XXXX", "https://hooks.slack.com/services/****"),
      ], unchanged: ["xoxo-hugs-and-kisses", "https://slack.com/services"]),
    .init(
      rule: .stripeKey, changed: [("sk_live_" + letters40.prefix(24), "****")],
      unchanged: ["sk_live_x", "desk_live_1234567890123456"]),
    .init(
      rule: .openaiKey, changed: [("sk-proj-" + letters40, "****")],
      unchanged: ["sk-learn-something-very-long", "task-" + letters40, "sk-ABC1"]),
    .init(rule: .npmToken, changed: [("npm_" + letters40.prefix(36), "****")], unchanged: ["npm_config_registry"]),
    .init(
      rule: .sendgrid, changed: [("SG." + letters40.prefix(22) + "." + letters40 + "abc", "****")],
      unchanged: ["SG." + letters40.prefix(22) + ".abc", "MSG.text"]),
    .init(
      rule: .privateKeyPEM,
      changed: [
        ("a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b", "a **** b"),
        ("-----BEGIN PRIVATE KEY-----\\nMIIE", "****"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ\n=a\n-----END PGP PRIVATE KEY BLOCK----- b", "**** b"),
      ],
      unchanged: [
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\nmQ\n-----END PGP PUBLIC KEY BLOCK-----",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "-----BEGIN",
      ]),
    .init(
      rule: .urlCredentials,
      changed: [
        ("postgres://user:hunter2@db:5432/x", "postgres://user:****@db:5432/x"),
        ("redis://:hunter2@cache", "redis://:****@cache"), ("https://u:p@ss@h/", "https://u:****@h/"),
      ], unchanged: ["http://host:8080/a@b", "https://user@host", "see http://a:b/c", "a://:@h"]),
    .init(
      rule: .secretKV,
      changed: [
        ("password=hunter2", "password=****"), ("user=bob passwd: hunter2, x", "user=bob passwd: ****, x"),
        (#"{"api_key": "a b c"} tail"#, #"{"api_key": "****"} tail"#),
        ("x?access_token=abc&y=1", "x?access_token=****&y=1"),
        (#"msg {\"secret\":\"a1b2\"}"#, #"msg {\"secret\":\"****\"}"#),
        ("Authorization: Bearer xyz", "Authorization: Bearer ****"),
        ("client-secret => 'hunter2'", "client-secret => '****'"), ("sessionId=abcdef", "sessionId=****"),
        ("Cookie: SID=abc123; XSRF=def; theme=dark, Host: x", "Cookie: ****, Host: x"),
        ("cookie='a=b; c=d' x", "cookie='****' x"),
        ("set-cookie: sid=v; Path=/; HttpOnly\nHost", "set-cookie: ****\nHost"),
        (#"Authorization: Digest username="bob", response="6629", qop=auth, x"#, "Authorization: Digest ****, x"),
        ("authorization: AWS4-HMAC-SHA256 Credential=a/b, Signature=fe5f80", "authorization: AWS4-HMAC-SHA256 ****"),
        ("<password>hunter2</password>", "<password>****</password>"),
        (#"<wsse:Password Type="a:b">hunter2</wsse:Password>"#, #"<wsse:Password Type="a:b">****</wsse:Password>"#),
        ("run --password hunter2 --user bob", "run --password **** --user bob"),
        (#"["--api-key", "hunter2", "-v"]x"#, #"["--api-key", "****", "-v"]x"#),
        ("q=password%3Dhunter2%26user%3Dbob", "q=password%3D****%26user%3Dbob"),
        ("%7B%22password%22%3A%22hunter2%22%7D", "%7B%22password%22%3A%22****%22%7D"),
        ("DB_PASS=hunter2", "DB_PASS=****"), ("cvv: 123", "cvv: ****"), ("otp=123456", "otp=****"),
        ("密码是：hunter2", "密码是：****"), ("password（密码）：hunter2", "password（密码）：****"),
        ("PWD2=abcdef", "PWD2=****"), ("passphrase: abc", "passphrase: ****"), ("PASSCODE=1234", "PASSCODE=****"),
        ("her password is hunter2, ok", "her password is ****, ok"), ("密码：abc123，失败", "密码：****，失败"),
        (#"{"密码":"a b"} x"#, #"{"密码":"****"} x"#), ("登录密码是abc123。", "登录密码是****。"), ("令牌=abcdef;", "令牌=****;"),
      ],
      unchanged: [
        "token_count=15", "tokenizer=fast", "password_reset=true", "password=null", "password=****", "author: jane",
        "input_tokens=1500", "auth::Login", "token://x", "the secret is out", "session_duration=12345", "password=ab",
        "max_token_limit=4096", "token", "password=",
        "password is required", "the password is at least 12 characters", "PWDQ=abcdef", "密码错误", "密码：", "密码）",
        "<password/>",
        "<password></password>", "--password --user", "--token-file x.txt", "class=abcdef", "low_pass=100",
        "secret%20sauce",
        "<author>jane</author>", "cookie policy; read it",
      ]),
  ]
}
