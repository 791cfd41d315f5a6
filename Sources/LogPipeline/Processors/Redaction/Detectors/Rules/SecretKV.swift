extension RuleDefinition {
  /// Values beside the name of a secret: `MatchFinder.findPair` looks for them, `SensitiveName` knows the names.
  static let secretKV = RuleDefinition(
    id: "secret_kv", packs: [.default, .secrets],
    triggers: [.token, .key] + englishNames + otherNames + wideNames + [
      Trigger("tified [bw]", anchor: 3, ignoringCase: true) { $0.findIdentified($1, $2) }
    ])

  private static let englishNames = [
    name("ssw", anchor: 1), name("ssph", anchor: 2), name("ssco", anchor: 0), name("cv[vc]", anchor: 0),
    name("ecre", anchor: 1), name("cred", anchor: 0), name("auth", anchor: 1), name("sessi", anchor: 2),
    name("ooki", anchor: 2),
    shortName("pass[=:\"'\\ \t(,<]", anchor: 0), shortName("pw[d=:\"'\\]", anchor: 0),
    // One-time passwords, PINs, JSON web tokens and `mdp`, French for password.
    shortName("[jmop][wdit][tpn][=:\"'\\]", anchor: 1),
  ]

  /// `Kennwort` and `wachtwoord`, `mot de passe`, `contraseña`, `senha`, `hasło` and `heslo`, `şifre`, `parola`.
  private static let otherNames = [
    name("[nh][nt]wo[ro]", anchor: 0), shortName("passe[=:\"'\\ ]", anchor: 2),
    Trigger("trase", anchor: 1, ignoringCase: true) { finder, text, end in
      text.has("ña", at: end) ? finder.findWidePair(text, end &+ 3) : finder.findPair(text, end)
    },
    name("senha", anchor: 2), name("h[ae]sl", anchor: 2),
    Trigger("sło", anchor: 1, ignoringCase: true) { $0.findWidePair($1, $2) },
    Trigger("ifre", anchor: 0, ignoringCase: true) { finder, text, end in
      text[end &- 5] >= 0x80 ? finder.findWidePair(text, end) : finder.findPair(text, end)
    },
    name("arola", anchor: 0),
  ]

  /// Words of `WideNames`, each by its end.
  private static let wideNames = [
    wideName("密[码碼钥鑰][码碼钥鑰][码碼钥鑰]", anchor: 0), wideName("[金權][金權][金權][鑰杖][鑰杖][鑰杖]", anchor: 0),
    wideName("行碼", anchor: 1), wideName("口令", anchor: 0), wideName("令牌", anchor: 4),
    wideName("[ワレ][ワレ][ワレ]ー[ドズ][ドズ][ドズ]", anchor: 2), wideName("証番号", anchor: 3),
    wideName("[밀스][밀스][밀스][번워][번워][번워][호드][호드][호드]", anchor: 2),
    wideName("[рР][рР][оО][оО][лЛ][лЛ][ьЬ][ьЬ]", anchor: 3), wideName("[رل][رل][وس][وس]ر", anchor: 3),
    wideName("र्ड", anchor: 2),
  ]

  /// A piece of a name; what is looked at is the whole name around its end.
  private static func name(_ pattern: String, anchor: Int) -> Trigger {
    Trigger(pattern, anchor: anchor, ignoringCase: true) { $0.findPair($1, $2) }
  }

  /// A name that is short or common, with the byte after it.
  private static func shortName(_ pattern: String, anchor: Int) -> Trigger {
    Trigger(pattern, anchor: anchor, ignoringCase: true) { $0.findPair($1, $2 &- 1) }
  }

  private static func wideName(_ pattern: String, anchor: Int) -> Trigger {
    Trigger(pattern, anchor: anchor) { $0.findWidePair($1, $2) }
  }
}
