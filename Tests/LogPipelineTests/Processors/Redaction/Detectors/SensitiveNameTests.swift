import Testing

@testable import LogPipeline

@Suite struct SensitiveNameTests {
  private func matches(_ name: String) -> Bool {
    var name = name
    return name.withUTF8 { bytes in
      let text = ScannedText(UnsafeRawBufferPointer(bytes))
      return SensitiveName.matches(text, 0..<text.count)
    }
  }

  @Test(arguments: [
    "password", "PASSWORD", "db.password", "passwd", "user_pwd", "pass-word", "client_secret", "clientSecret", "token",
    "access_token", "accessToken", "ACCESS_TOKEN", "x-api-key", "apiKey", "api.key", "aws.access_key_id", "auth",
    "oauth",
    "http.request.header.authorization", "credentials", "private_key", "session", "session.id", "sessionid", "cookie",
    "set-cookie", "proxy-authorization", "password2", "pwd1", "ssh.passphrase", "DB_PASS", "smtpPass", "cvv",
    "card.cvc2", "user_otp", "登录密码", "密钥", "userPassword", "db_password", "PGPASSWORD", "dbpassword", "APIKey",
    "userAPIKey", "accesstoken", "clientsecret", "secretkey", "passwordHash", "passwordhash", "PHPSESSID", "JSESSIONID",
    "encryption_key", "encryptionKey", "encryption-key", "app.encryption.key", "encryption key", "SIGNING_KEY",
    "jwtSigningKey", "decryptionKey", "masterKey", "hmac_key", "shared_key", "api key", "API Key", "db_creds", "dbpass",
    "requirepass", "Passwort", "kennwort", "wachtwoord", "mot de passe", "motDePasse", "mdp", "palavra-passe",
    "contraseña", "Contraseña", "contrasena", "senha", "hasło", "haslo", "heslo", "şifre", "Şifre", "sifre", "parola",
    "密碼", "金鑰", "權杖", "通行碼", "パスワード", "暗証番号", "비밀번호", "пароль", "Пароль", "كلمة المرور", "पासवर्ड",
    "passwords", "secrets", "cookies", "credentials", "token2", "DBPassword", "OAuthToken", "Set-Cookie2",
  ])
  func secretsAreTold(_ name: String) { #expect(matches(name)) }

  @Test(arguments: [
    "token_count", "tokenizer", "tokens", "input_tokens", "gen_ai.usage.output_tokens", "author", "authority",
    "authenticated", "password_reset", "password.policy", "session.duration", "sessions", "key", "keyboard", "monkey",
    "secret.name", "secrets.region", "compass", "", "id", "tokenization", "auth.method", "passenger",
    "token.expires_at", "password_file", "secrets.path", "pwdq", "密", "pass", "low_pass", "boardingPass", "bypass",
    "cvvs", "otpCount", "footprint", "secretary", "secretion", "secretive", "credentialing", "credentialed",
    "apikeyboard", "cookiecutter", "passwordless", "tokenized", "authorizationless", "possession", "obsession",
    "sessionize", "Secretariat", "keyboardpassage", "cookieless", "passwordlessLogin",
    "用户名", "encryption_key_id", "signing_key_alg", "creds", "jwt", "pin", "bearer", "pw", "parole", "keyboard_key",
    "キーワード", "роль", "번호", "कार्ड", "密度", "cifre", "hashlow",
  ])
  func lookAlikesAreNot(_ name: String) { #expect(!matches(name)) }

  @Test func onlyTheEndOfALongNameIsRead() {
    #expect(matches(String(repeating: "x", count: 1000) + "_password"))
    #expect(!matches("password" + String(repeating: "x", count: 1000)))
  }
}
