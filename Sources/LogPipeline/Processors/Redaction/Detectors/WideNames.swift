// decision: docs/decisions/0206-redaction-names-and-values.md

/// Words for passwords, keys and tokens that have other letters than those of ASCII.
enum WideNames {
  /// A word, parted before its first byte that is no ASCII; what of it is ASCII is in lower case.
  private typealias Word = (head: StaticString, tail: StaticString)

  /// Chinese, Japanese, Korean, Russian and Ukrainian, Arabic, Hindi, Spanish, Polish, Turkish.
  private static var words: [Word] {
    [
      ("", "密码"), ("", "密钥"), ("", "口令"), ("", "令牌"), ("", "密碼"), ("", "密鑰"), ("", "金鑰"), ("", "權杖"), ("", "通行碼"),
      ("", "パスワード"), ("", "パスフレーズ"), ("", "暗証番号"), ("", "비밀번호"), ("", "패스워드"),
      ("", "пароль"), ("", "Пароль"), ("", "ПАРОЛЬ"), ("", "كلمة المرور"), ("", "كلمة مرور"), ("", "كلمة السر"),
      ("", "पासवर्ड"), ("contrase", "ña"), ("has", "ło"), ("", "şifre"), ("", "Şifre"),
    ]
  }

  /// Whether one of the words stands in a key.
  static func isIn(_ key: ScannedText, _ range: Range<Int>) -> Bool {
    range.contains { offset in
      key[offset] >= 0x80
        && words.contains { word in
          key.hasIgnoringCase(word.tail, at: offset)
            && key.hasIgnoringCase(word.head, at: offset &- word.head.utf8CodeUnitCount)
        }
    }
  }

  /// The word that ends at an offset; nil if none does.
  static func range(in text: ScannedText, endingAt end: Int) -> Range<Int>? {
    for word in words {
      let tail = end &- word.tail.utf8CodeUnitCount
      let start = tail &- word.head.utf8CodeUnitCount
      if text.hasIgnoringCase(word.tail, at: tail), text.hasIgnoringCase(word.head, at: start) { return start..<end }
    }
    return nil
  }
}
