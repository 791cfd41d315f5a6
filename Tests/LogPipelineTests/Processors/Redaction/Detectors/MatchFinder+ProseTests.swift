import Testing

@testable import LogPipeline

@Suite struct MatchFinderProseTests {
  @Test(arguments: [
    "Password is: ‹letmein›",
    "your API key is: ‹a1b2c3›",
    "password is ‹hunter2›, ok",
    "password was set to ‹hunter2›",
    "password changed to ‹hunter2›",
    ##"password has been reset to "‹hunter2 x›""##,
    "the token is ‹a1b2c3d4›, keep it",
    ##"passphrase is "‹aXbQ cd›""##,
  ])
  func whatSentencesSayIsMasked(_ text: String) { MarkedText(text).check() }

  /// Only the start of a value is looked at, and all of it is masked.
  @Test func aLongValueIsMaskedWhole() {
    let secret = String(repeating: "a1b2c3d4", count: 20)
    for text in [
      "with password ‹\(secret)› x", "pass=‹\(secret)›;", "password is ‹\(secret)›", "creds: \"‹\(secret)›\"",
    ] {
      MarkedText(text).check()
    }
  }

  @Test(arguments: [
    "密碼：‹hunter2›，失敗",
    "密碼為‹abc123›。",
    "密码﹕‹abc123›",
    "密码＝“‹a b›”",
    "密码: ‹7gqHw;TGuQuX› x",
    "金鑰=‹abcdef›&x=1",
    "パスワード：‹abc123›です",
    "暗証番号は‹4815›",
    "비밀번호: ‹abc123›",
    "пароль: ‹секрет› x",
    ##"Пароль = "‹a b›""##,
    "كلمة المرور: ‹abc123›",
    "كلمة السر=‹abc123›",
    "पासवर्ड: ‹abc123›",
    "Passwort: ‹abc›",
    "Kennwort=‹abc›",
    "wachtwoord: ‹abc›",
    "mot de passe : ‹abc›",
    "motDePasse=‹abc›",
    "mdp=‹abc›",
    "palavra-passe: ‹abc›",
    "contraseña: ‹abc›",
    ##"Contraseña="‹a b›""##,
    "contrasena=‹abc›",
    "senha: ‹abc›",
    "hasło: ‹abc›",
    "haslo=‹abc›",
    "heslo=‹abc›",
    "şifre: ‹abc›",
    "sifre=‹abc›",
    "parola: ‹abc›",
  ])
  func whatOtherLanguagesSayIsMasked(_ text: String) { MarkedText(text).check() }

  @Test(arguments: [
    "password is now required",
    "password was changed by user123",
    "password set to expire in 30 days",
    "password sent to user123",
    "the token is 3000ms old",
    ##"the cookie is "expired""##,
    "secret was rotated to version 12",
    "роль: admin1",
    "король: 12",
    "キーワード: abc1",
    "키워드: abc1",
    "حركة المرور: 12",
    "Antwort: ok1",
    "parole: 12",
    "密度=1.25",
  ])
  func otherSentencesStay(_ text: String) { #expect(Redacting(pack: "default")(text) == text) }
}
