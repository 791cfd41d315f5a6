"""More forms of `printed_secrets`: separators, tuples, tags, lists, escapes, languages, names that secrets may have."""

import base64
import random
import string
from xml.sax.saxutils import escape, quoteattr

ALNUM = string.ascii_letters + string.digits
URL_SCHEMES = ("postgres", "mysql", "redis", "amqp", "mongodb+srv", "https")

# Words for a password, and a few for keys and tokens, in languages other than English.
WORDS = {
    "zh-Hans": ("密码", "密钥", "口令", "令牌"), "zh-Hant": ("密碼", "密鑰", "金鑰", "權杖", "通行碼"),
    "ja": ("パスワード", "暗証番号", "パスフレーズ"), "ko": ("비밀번호", "패스워드"), "ru, uk": ("пароль", "Пароль", "ПАРОЛЬ"),
    "ar": ("كلمة المرور", "كلمة السر"), "hi": ("पासवर्ड",),
    "de": ("Passwort", "passwort", "Kennwort", "db_passwort"), "fr": ("mot de passe", "Mot de passe", "motDePasse", "mdp"),
    "es": ("contraseña", "Contraseña", "contrasena"), "pt": ("senha", "Senha", "palavra-passe"),
    "pl": ("hasło", "Hasło", "haslo"), "tr": ("şifre", "Şifre", "sifre", "parola"), "nl": ("wachtwoord",), "cs": ("heslo",),
}


def double(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def sql(text):
    return "'" + text.replace("'", "''") + "'"


def braced(text):
    """Escapes of Rust, Swift and JavaScript."""
    return "".join(c if c.isalnum() and c.isascii() or c in " .[],{}" else f"\\u{{{ord(c):x}}}" for c in text)


def octal(text):
    """Escapes of C and of text that git and protobuf print."""
    return "".join(chr(b) if chr(b).isalnum() and b < 128 or chr(b) in " ,.{}" else f"\\{b:03o}" for b in text.encode())


def camel(name):
    first, *rest = name.lower().split("_") if name.isupper() or "_" in name else [name]
    return first + "".join(word.capitalize() for word in rest)


def kebab(name):
    return "".join("-" + c.lower() if c.isupper() and not name.isupper() else c.lower() for c in name).replace("_", "-")


def of_language(language, form):
    return lambda s, n: form(random.Random(s).choice(WORDS[language]), s)


# Secrets with any character in them, in quotes.
TEXT = {
    "xml element with value": lambda s, n: f'<{n} value={quoteattr(s)}/>',
    "xml element, value last": lambda s, n: f'<{n} encrypted="false" value={quoteattr(s)} />',
    "xml add reversed": lambda s, n: f'<add value={quoteattr(s)} key="{n}"/>',
    "xml add with more": lambda s, n: f'<add key="{n}" lockItem="true" value={quoteattr(s)}/>',
    "xml property": lambda s, n: f'<property name="{n}" value={quoteattr(s)}/>',
    "xml property with type": lambda s, n: f'<property name="{n}" type="string">{escape(s)}</property>',
    "xml parameter in lines": lambda s, n: f"<Parameter name='{n}'\n  override='false'\n  value={quoteattr(s)}/>",
    "python tuple": lambda s, n: f"set {(n, s)!r}",
    "rust tuple": lambda s, n: f'("{n}", {double(s)})',
    "erlang binary": lambda s, n: f'[{{user,<<"bob">>}},{{{n.lower()},<<{double(s)}>>}}]',
    "erlang string": lambda s, n: f'{{{n.lower()},{double(s)}}}',
    "elixir tuple": lambda s, n: f'{{:{n.lower()}, {double(s)}}}',
    "elixir map": lambda s, n: f'%{{"{n}" => {double(s)}, "user" => "bob"}}',
    "clojure map": lambda s, n: f'{{:name "bob", :{kebab(n)} {double(s)}}}',
    "lisp list": lambda s, n: f'((name . "bob") ({kebab(n)} . {double(s)}))',
    "sql identified by": lambda s, n: f"CREATE USER 'bob'@'%' IDENTIFIED BY {sql(s)}",
    "sql identified with": lambda s, n: f"alter user bob identified with caching_sha2_password by {sql(s)} expire",
    "sql grant": lambda s, n: f"GRANT ALL ON *.* TO 'bob'@'%' IDENTIFIED BY {sql(s)} WITH GRANT OPTION",
    "sql set password for": lambda s, n: f"SET PASSWORD FOR 'bob'@'%' = {sql(s)}",
    "r assignment": lambda s, n: f'{n} <- {double(s)}',
    "make assignments": lambda s, n: f'{n} {random.Random(s).choice(("?=", "+=", ":=", "::=", "||="))} {double(s)}',
    "arrows": lambda s, n: f'{n} {random.Random(s).choice(("->", "=>", "→", "⇒", "←", "~>"))} {double(s)} x',
    "javascript sibling reversed": lambda s, n: f"env {{ value: {double(s)}, name: '{n}' }} ok",
    "json sibling reversed": lambda s, n: f'env [{{"value": {double(s)}, "name": "{n}"}}] ok',
    "is, in quotes": lambda s, n: f"the {n} is {double(s)}",
    "braced escapes": lambda s, n: "got " + braced(f"{n}={double(s)} x"),
    "octal escapes": lambda s, n: "got " + octal(f"{n}={double(s)} x"),
    "chinese small colon": lambda s, n: f"用户密码﹕“{s.replace('”', '')}”",
    **{f"quoted, {language}": of_language(language, lambda word, s: f"x {word}: {double(s)} ok") for language in WORDS},
}

# Secrets that stand without quotes.
BARE = {
    "java arguments": lambda s, n: f"args=[mysqld, --{n}, {s}, -v]",
    "go arguments": lambda s, n: f"args [mysqld --{n} {s} -v]",
    "is with colon": lambda s, n: f"your {random.Random(s).choice(('password', 'passphrase', 'API key'))} is: {s}",
    "spaced names": lambda s, n: f"{random.Random(s).choice(('api key', 'API Key', 'access key', 'private key', 'signing key', 'Encryption key', 'secret key'))}: {s}",
    "names of keys": lambda s, n: f"{random.Random(s).choice(('encryption_key', 'encryptionKey', 'encryption-key', 'SIGNING_KEY', 'jwtSigningKey', 'master_key', 'aws_creds'))}={s}",
    "database pass": lambda s, n: f"{random.Random(s).choice(('DB_PASS', 'smtp_pass', 'dbPass'))} = {s}",
    "wide separators": lambda s, n: f"{n}{random.Random(s).choice('：＝﹕﹦∶')}{s} ok",
    **{f"plain, {language}": of_language(language, lambda word, s: f"{word}: {s}") for language in WORDS},
    **{f"assigned, {language}": of_language(language, lambda word, s: f"user=bob {word}={s}") for language in WORDS},
}

# Secrets that look like some: letters and digits.
MIXED = {
    "call": lambda s, n: f"{n}({s})",
    "set to": lambda s, n: f"password {random.Random(s).choice(('set to', 'changed to', 'was reset to', 'is now', 'is', 'was'))} {s}",
    "token is": lambda s, n: f"the {n} is {s}, keep it",
    "pass": lambda s, n: f"login pass={s} ok",
    "doubtful names": lambda s, n: f"x {random.Random(s).choice(('pass', 'pw', 'creds', 'jwt', 'bearer'))}={s} ok",
    "doubtful member": lambda s, n: f'got {{"{random.Random(s).choice(("pass", "pw", "creds", "jwt", "bearer"))}": "{s}"}} x',
    "beside a user": lambda s, n: f"user=bob pass: {''.join(c for c in s if c.isalpha())}z",
}

PIN = {
    "pin": lambda s, n: f"card {random.Random(s).choice(('pin=', 'PIN: ', 'pin:'))}{s} ok",
    "pin member": lambda s, n: f'got {{"pin": "{s}"}} x',
}

URL = {
    "url": lambda s, n: f"cannot reach {random.Random(s).choice(URL_SCHEMES)}://bob:{s}@db.internal:5432/app",
    "url, short host": lambda s, n: f"dsn=postgres://bob:{s}@db/app, retrying",
}

# More secrets in quotes.
PIECES = {
    "name and value": lambda s, n: f'field name="{n}" value={double(s)} ok',
    "joined": lambda s, n: f'{n} = {double(s[:len(s) // 2])} + {double(s[len(s) // 2:])};',
    "joined by bars": lambda s, n: f"SET {n} = {sql(s[:len(s) // 2])} || {sql(s[len(s) // 2:])} WHERE id = 3",
    "yaml, next line in quotes": lambda s, n: f"login:\n  {n}:\n    {double(s)}\n  age: 3",
    "code, next line": lambda s, n: f"const {camel(n)} =\n  {double(s)};\nnext()",
}

# More that look like some.
ALONE = {
    "yaml, next line": lambda s, n: f"login:\n  {n}:\n    {s}\n  age: 3",
    "token in a url": lambda s, n: f"git clone https://{s}{s}@git.example.com/a/b.git",
    "token in a url with a colon": lambda s, n: f"GET https://{s}{s}:@api.example.com:8443/v1 200",
    "pass command": lambda s, n: f"USER bob\r\nPASS {s}\r\nSYST",
    "marked pass command": lambda s, n: f"{random.Random(s).choice(('C: ', '> ', '--> '))}PASS {s}",
}

SASL = {
    "auth command": lambda s, n: f"{random.Random(s).choice(('AUTH PLAIN', 'C: AUTH PLAIN', 'a1 AUTHENTICATE PLAIN'))} {s}",
    "authenticate command": lambda s, n: f"AUTHENTICATE {s}",
}

MORE = {**TEXT, **BARE, **MIXED, **PIN, **URL, **PIECES, **ALONE, **SASL}


def mixed(chance):
    """Letters and digits that take turns, as in what is drawn by lot."""
    while True:
        text = "".join(chance.choices(ALNUM, k=chance.randrange(12, 24)))
        turns = sum(a.isdigit() != b.isdigit() for a, b in zip(text, text[1:]))
        if turns >= 2 and text[0].isalpha():
            return text


def url_password(chance):
    def part(count):
        return "".join(chance.choices(ALNUM, k=count))

    return part(6) + chance.choice("/#?@") + part(5) + chance.choice(("", "@" + part(4), "#" + part(4), "/" + part(4)))


def secret_of(form, chance, secret):
    """A secret as the form needs one; `secret` is what makes those of text and of words without spaces."""
    if form in PIN:
        return "".join(chance.choices(string.digits, k=chance.randrange(4, 7)))
    if form in SASL:
        return base64.b64encode(f"\0bob\0{mixed(chance)}".encode()).decode()
    if form in URL:
        return url_password(chance)
    if form in MIXED or form in ALONE:
        return mixed(chance)
    return secret(chance, "TEXT" if form in TEXT or form in PIECES else "BARE")
