import Testing

@testable import LogPipeline

/// Where values start and end, in the forms that languages, formats and protocols write pairs in. In each text `‹…›` is
/// what is masked.
@Suite struct MatchFinderValueTests {
  private static let languages = [
    #"User { name: "bob", password: ‹Some("hunter2 x")›, age: 3 }"#, #"password: ‹Some(⏎    "hunter2 x",⏎)›,"#,
    #"Login(Password(‹b"hunter2"›))"#, #"password: ‹Optional("hunter2 x")› ok"#, "password=‹b'hunter2 x'› ok",
    #"password: ‹r"hunter2 x"›, x"#, ##"password: ‹r#"hunter2 " x"#› ok"##, #"password: ‹("hunter2 x")› ok"#,
    #"password: ‹["hunter2 x", "b"]›, c"#, #"got {"password":‹{"v":"hunter2 x"}›} tail"#,
    "User(name=bob, password=‹correct horse, battery›, age=3)", "User[password=‹correct horse›, age=3]",
    "{User:bob Password:‹correct horse› Age:3}", "map[password:‹correct horse› user:bob]",
    "{password=‹hunter2›, user=bob}", "Optional: password=‹Optional[hunter2 x]›, y",
    "Array⏎(⏎    [password] => ‹correct horse›⏎)", #"["password"]=>⏎  string(7) "‹hunter2›"⏎"#,
    #"["password":protected]=>⏎  string(7) "‹hunter2›"⏎"#, "[password:User:private] => ‹hunter2›⏎",
    #"s:8:"password";s:7:"‹hunter2›";"#, #"▿ password: ‹Optional("hunter2")⏎    - some: "hunter2"›⏎  - x: 1"#,
    "password: ‹<Buffer 68 75 6e>› x", "password: ‹Uint8Array(3) [ 104, 117, 110 ]›, x",
    #"#<struct User password="‹hunter2 x›">"#, #"{:password=>"‹hunter2 x›"}"#, #"headers['x-api-key'] = '‹hunter2›'"#,
    #"{ password: '‹aaa\n' +⏎    'hunter2›' }"#, "Secret(\"‹hunter2›\")", "password := `‹hunter2 x›`",
  ]

  private static let formats = [
    "SET password = ‹N'hunter2''x'› WHERE", "WITH PASSWORD '‹hunter2›';", "PASSWORD('‹hunter2›')",
    "password: |⏎  ‹hunter2⏎  hunter3›⏎name: x", "- --password⏎- ‹hunter2›⏎- x",
    "- name: DB_PASSWORD⏎  value: ‹hunter2›⏎", #"env [{"name": "DB_PASSWORD", "value": "‹hunter2›"}]"#,
    "{Name:DB_PASSWORD Value:‹hunter2›}", #"<add key="Password" value="‹hunter2›"/>"#,
    #"<entry key="password">‹hunter2›</entry>"#, "<name>db.password</name><value>‹hunter2›</value>",
    "<password><![CDATA[‹hunter2<x›]]></password>", "<password><v>‹hunter2›</v></password>",
    "[('Authorization', 'Bearer ‹hunter2›'), ('Host', 'x')]", "Server=x;Password=‹hunter2›;Data Source=y",
    "x -Password ‹hunter2› -User bob", "map[Authorization:‹[Bearer hunter2]› Host:[x]]", "password：‹hunter2› x",
    "password: “‹hunter2 x›” ok", "密码：“‹hunter2 x›”。", "password='‹ab'\\''cd›' x",
    "mysql --password \\⏎  ‹hunter2› --user x", "userPassword:: ‹aHVudGVyMg==›⏎",
    "Headers([(b'authorization', ‹b'Bearer hunter2'›), (b'host', b'x')])",
    #"sent {"log":"a:\n- --password\n- \"‹hunter2 x›\"\n"} ok"#,
    #"sent {"x":"<entry key=\"token\">‹a&lt;bcd›</entry>"} ok"#,
    #"sent {"log":"User(password=‹a1b2 c3d4›, n=1)"} ok"#, "x\u{1B}[36mtoken\u{1B}[0m=\u{1B}[35m‹hunter2›\u{1B}[0m y",
    "password = ‹0x7ffe12 \"hunter2 x\"›", "let password: ‹String = \"hunter2 x\"›",
    "{password = ‹Just \"hunter2 x\"›}",
    "#{password => ‹<<\"hunter2 x\">>›}", #"run ["mysqld" "--password" "‹hunter2›"]"#, "ab=c&password=‹hunter2›&c=d",
  ]

  private static let separators = [
    "Key (password)=‹(a b) exists›", "**Password:** ‹abc›", "**Password**: ‹abc› x", "`password`: ‹abc›",
    "<b>Password:</b> ‹abc›", "password: ‹!!str hunter2› x", "password: ‹&a \"x y\"›", "Password....: ‹abc›",
    "password[‹a1b2c3›]", "token<‹a1b2c3›>", "password: «‹a b›» x", "password: ‘‹a b›’ x", "password: „‹a b›“ x",
    "password: 『‹a b›』 x", "WHERE password != '‹a b›'", "password <> '‹ab›'", "password LIKE '‹ab›' x",
    "password IN ('‹ab›')", "with password ‹a1b2c3d4›, ok", "password — ‹a1b2c3d4›",
    "setenv PASSWORD ‹hunter2› x", "ENV DB_PASSWORD ‹letmein›⏎", "set -x API_KEY ‹abc›",
    "machine h login bob password ‹hunter2›⏎", "password <- \"‹a b›\"", "password += '‹a b›'", "token ?= ‹hunter2›",
    "pwd := ‹abc›",
    "password ::= ‹abc›", "password ||= '‹a›'", "password => ‹abc›", "password -> ‹abc›", "password → ‹abc›",
    "password ⇒ \"‹a›\"", "password﹕‹abc›", "password＝‹abc› x", "password∶‹abc›", "DB_PASS = ‹hunter2›",
    "api key: ‹abc›",
    "API Key = \"‹a b›\"", "signing key: ‹abc›", "encryption-key=‹abc›", "[--password, ‹x1y2›, -v]",
    "args=[login, --password, ‹hunter2›]", "(\"password\", \"‹hunter2›\")", "('password','‹a1 b2›')",
    "[{user,<<\"bob\">>},{password,‹<<\"a b\">>›}]", "{password,\"‹ab›\"}", "{:password, \"‹ab›\"}",
    "{:api-key \"‹ab›\"}",
    "((user . \"bob\") (password . \"‹ab›\"))", "password(‹a1b2c3›)",
    "x {\"value\": \"‹a b›\", \"name\": \"DB_PASSWORD\"}",
    "{ value: '‹ab›', name: 'token' } x", "password[]=‹hunter2›&x=1", "user[password][0]=‹hunter2›",
    "passwords[12] = \"‹a b›\"", "password = \"‹ab\" + \"cd›\"; x", "password='‹ab' || 'c d›' AND",
    "'password' => '‹a' . 'b›',",
    "x {\"op\": \"replace\", \"path\": \"/user/password\", \"value\": \"‹a b›\"} y",
    "x {\"path\":\"/password\",\"op\":\"add\",\"value\":\"‹ab›\"} y", "x name=\"password\" value=\"‹a b›\" y",
  ]

  private static let escaped = [
    #"password\u{3d}‹hunter2›"#, #"got password\075\042‹a b›\042 x"#, #"password\75‹hunter2›"#,
    #"a \U00000070wd=‹abc›"#,
    #"INFO sent {"url":"/?a=1\u0026password\u003d‹hunter2›\u0026b=1"}"#, #"x \u0022password\u0022:\u0022‹a b›\u0022,"#,
    "{&quot;password&quot;:&quot;‹a b›&quot;}", "&lt;password&gt;‹hunter2›&lt;/password&gt;",
    "{&#34;password&#34;: &#x22;‹a b›&#x22;}", "&amp;quot;password&amp;quot;:&amp;quot;‹a b›&amp;quot; x",
    "a%2526password%253D‹hunter2›%2526b%253D1", "%E5%AF%86%E7%A0%81%3D‹hunter2›%26x%3D1",
    "paid 4111%201111%201111%201111",
    #"msg "{\\\"password\\\":\\\"‹hunter2 x›\\\"}" ok"#, #"x {\\\\\\\"password\\\\\\\":\\\\\\\"‹a b›\\\\\\\"}"#,
  ]

  /// What cannot be told goes to the end of the line, and a password may hold what ends other values.
  private static let doubtful = [
    "Password: \"‹hunter2 x y›⏎next", "password=‹ab(cd user=bob›⏎next", "(user=bob, password=‹correct horse›⏎next",
    "password='‹it's›' x", "password=‹ab,cd;ef&gh}ij\"kl› x", #""password": "‹a\\›", "b": "c""#,
    "password=‹ab'cd› x", "a \"password=‹hunter2›\" b",
  ]

  @Test(arguments: languages + formats + separators + escaped + doubtful) func valuesAreMaskedWhole(_ marked: String) {
    let redact = Redacting(pack: "default")
    let line = marked.replacing("⏎", with: "\n")
    let text = line.replacing("‹", with: "").replacing("›", with: "")
    guard let start = line.firstIndex(of: "‹"), let end = line.firstIndex(of: "›") else {
      return #expect(redact(text) != text)
    }
    let left = line[..<start] + "****" + line[line.index(after: end)...]
    #expect(redact(text) == left)
    #expect(redact(String(left)) == left)
  }

  @Test(arguments: [
    "secretary=ann", "secretion=abc", "credentialing=abc", "apikeyboard=abc", "cookiecutter=abc", "passwordless: true1",
    #"missing ["password", "email"]"#, "unexpected token ';' in JSON", "unexpected token 'abc'", "possession=house",
    #"{"name": "secretary", "value": "ann"} x"#, "100% deliverable", "a &quot;b&quot; c", #"C:\users\x\xfer"#,
    "password ( optional )", "auth::token -> x", #"["token", "count", "x"]"#,
    #"["password", "email"]"#, "missing ('password', 'email')", #"get("password", "default")"#, "{password, email}",
    "[usage, --verbose, x1y2]", "use --password, or --user", "the key: a1b2c3", "sort key: created_at",
    "getToken(arg0)",
    "token(1234567)", #"DOMAIN\755"#, #"s/(a)/\1\2/"#, "password <= 8", "password . next",
    "if (password != confirmPassword)", "fix auth (da39a3e)", "password reset2 done", "in login(user, password): x",
    "login failed password incorrect", "env password x", "password[key] is x", "password[0]",
    #"x {"path":"/v1/auth/token","status":200} y"#, #"x {"path":"/v1/token","data":"a1b2c3"} y"#,
    #"x {"path":"/v1/token","op":"test","from":"a1b2c3"} y"#, #"x {"path":"/tokens/size","value":"a1b2c3"} y"#,
  ])
  func lookAlikesStay(_ text: String) {
    #expect(Redacting(pack: "default")(text) == text)
  }

  @Test func aBracketIsFollowedUpToItsLimit() {
    let redact = Redacting(pack: "default")
    let text = { "password=(" + String(repeating: ".", count: $0) + ") user=bob\nnext" }
    let most = MatchFinder.maxBracketBytes - 2
    #expect(redact(text(most)) == "password=**** user=bob\nnext")
    #expect(redact(text(most + 1)) == "password=****\nnext")
  }

  @Test func escapesAreResolvedUpToTheLimit() {
    let redact = Redacting(pack: "default")
    #expect(redact("password%2525253Dhunter2") == "password%2525253D****")
    #expect(redact("password%252525253Dhunter2") == "password%252525253Dhunter2")
  }
}
