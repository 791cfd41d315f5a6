/// Pieces of text that, said over and over, keep redaction busy: the literals that start a closer look, whole and cut
/// short, alone, beside what follows them in a pair, and in each other.
enum HostilePieces {
  /// Names of secrets.
  private static let names = [
    "password", "passphrase", "passcode", "pwd", "db_pass", "secret", "credential", "token", "api_key", "auth",
    "authorization", "session", "cookie", "cvv", "otp", "bearer", "basic", "密码", "密钥",
  ]

  /// More names, with the signs that tell them apart.
  private static let moreNames = [
    "pass", "pw", "pin", "jwt", "creds", "api key", "encryption_key", "kennwort", "wachtwoord", "mot de passe", "mdp",
    "contraseña", "contrasena", "senha", "hasło", "heslo", "şifre", "sifre", "parola", "密碼", "金鑰", "權杖", "通行碼",
    "パスワード", "パスフレーズ", "暗証番号", "비밀번호", "패스워드", "пароль", "ПАРОЛЬ", "كلمة السر", "पासवर्ड",
  ]
  private static let fewSigns = ["=", "：\"", " is ", "='a", ": \"a\", "]

  /// Names that are told by their values, and what keeps the look at these busy.
  private static let doubtfulNames = ["pass", "pw", "creds", "pin", "jwt", "bearer"]
  private static let values = [
    "(", "<", "=a", "=1", "=a1", "=a1/", "=a-b.", "=abc_", "%3D", "%252525253D", "\": \"a", "=a1b2c3d4 ",
  ]

  /// What stands between a name and a value, opens a value, or sets values apart.
  private static let signs = [
    "=", ":", "==", "=\"", "='", "=\\\"", "\": \"", "=(", "=[", "={", "=Some(\"", "=b'", " ", " is ", "%3D", "%253D",
    "\\u003d",
    "&quot;:&quot;", ">", "><![CDATA[", "=a,", "=a;b ", ": |\n  ", "=\n", "\", \"", "=“",
    " <- ", "+=", "?=", "||=", "→", "﹕\"", " is: ", " was set to ", " is \"", "(", "(a", ",<<\"", " . \"", " value=\"",
    "\\u{3d}", "\\075", " for ", ":\n  ", ":\n  a1b2c3\n", ":\n  \"", "[]=", "[0", "=\"a\" + \"", "='a' || ",
    "\"\r\n\r\n",
    "\",\"value\":\"", "\",\"op\":\"a\",\"value\":\"",
  ]

  /// Starts of other sensitive texts.
  private static let starts = [
    "4111111111111111", "4111 1111 1111 1111", "4111-", "11010519491231002", "13812345678", "138-1234-", "+8613812345",
    "219-09-", "DE89370400440532013000", "GB82 WEST ", "AB123456", "a@b.c", "a.b.@", "postgres://u:p@h/", "a://", "://",
    "eyJhbGciOiJIUzI1NiJ9.", "eyJ", "eyJ.eyJ", "AKIAIOSFODNN7EXAMPLE", "AKIA", "LTAI", "ghp_", "npm_", "github_pat_",
    "glpat-", "xoxb-1", "hooks.slack.com/services/T", "sk_live_", "sk-", "SG.", "ya29.", "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ", "sig=", "AccountKey=", "aws secret ", "aws_sk=", "basic YTpi", "token abc", "1.2.3.", "1.2.",
    "fe80::",
    "a:b:", "::", "3c:22:fb:", "3c-22-", "+1 ", "+1(2)", "(212) 555-", "529.982.247-", "39.9042, 116.", "S1234567",
    "900101-", "91350100M000", "passport E1234", "hmac:k1:", "sha256:", "****", "%25", "%E5", "\\u0070", "&amp;",
    "&#34;", "identified by '", "IDENTIFIED BY ", "identified with a by ", "set password for ", "postgres://u:p/",
    "a://u:p@/", "a://u:@", "a://u:1/@", "a://a1b2c3d4e5f6g7h8@", "a://a1b2c3d4e5f6g7h8@h/", "a://a1b2c3d4e5f6g7h8:@h/",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----", "PASS a1b2c3d4\n", "USER a\nPASS a\n", "> PASS ", "C: PASS a1b2c3d4",
    "AUTH PLAIN AGEAYg==", "AUTHENTICATE AGEA", "AUTH a ", "\\075", "\\u{3d", "\\U0000003d",
  ]

  /// Pieces that hold names in each other, or what closes them out of reach.
  private static let nested = [
    "token=\"token='", "['token',\"a ['x',", "[[\"token\",\"a ", "(pwd=a --password b ", "pwd=(pwd=[pwd={",
    "password=\"a\"token='b'", "{\"name\":\"password\",\"value\":\"x\"},", "{\"name\":\"password\",\"value\":\"",
    "authorization: digest a=\"", "cookie: a=b; ", "pwd='a'\n'", "[\"--password\",", "<password a=\"<token>", "{\"a\":",
    "[", "{", "\"", "\\", "\\\"", "'", "password=\"\\\\\\", "secret=a\"b", "secret=a}b", "(secret=a b, ",
    "{secret:a b ", "<password value=\"", "<password a=\"b\" ", "<add key=\"password\" ", "<add name='token' x='y'>",
    " name=\"token\"", "<a value='b' name='token'", "{\"value\":\"x\",\"name\":\"token\"",
    "{value:\"a\",\"name\":\"token\",",
    "name=\"password\"\r\n\r\n", "name=\"password\"\n\nname=\"password\"", "name=\"password\"\nContent-Type: a\n",
    "{\"path\":\"/password\",\"value\":\"x\"},", "{\"value\":\"x\",\"path\":\"/password\"},",
    "\"path\":\"/password/token/password\",\"value\":\"", "\"path\":\"/password\",\"op\":\"", "/password",
    "<input type=\"password\" value=\"", "<input value=\"a\" type=\"password\"", " type=\"password\"",
    "password=\"a\" + 'b' + \"c\" + ", "token:\n token:\n  token:\n", "token:\n  \"token:\n  \"",
    "(\"token\",\"x\")", "(\"token\",\"", "(\"token\",“", "(\"token\",„a", "{token,<<", "[--token, ", "[--token,",
    "pass=a.pass=", "pass=\"a ",
    "token is \"a ",
    "with password a1b2c3d4", "set -x password ", "login a password a1b ", "setenv password ", "password in ('",
    "a://u:p@h/a://u:p@/", "a://u:p@/@@@@@@@@", "pw=a1b2c3;pw=pw=pw=pw=pw=%2525253D",
    "密码=aé密码=", "密码=\"a密码=", "token is token was ", "password is now set to ",
  ]

  static let all: [String] = {
    var pieces = starts + nested
    for name in names { pieces += signs.map { name + $0 } + ["--\(name) ", "<\(name)", "(\(name)=", "\"\(name)\""] }
    for name in moreNames { pieces += fewSigns.map { name + $0 } }
    for name in doubtfulNames { pieces += values.map { name + $0 } + ["login \(name)=", "-\(name) a1 ", "(\(name)="] }
    for literal in names + moreNames + starts {
      for count in 2..<max(literal.unicodeScalars.count, 2) {
        pieces.append(String(String.UnicodeScalarView(literal.unicodeScalars.prefix(count))))
      }
    }
    var seen: Set<String> = []
    return pieces.filter { seen.insert($0).inserted }
  }()
}
