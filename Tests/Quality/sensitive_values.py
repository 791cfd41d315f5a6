"""Generated sensitive values of each rule, in the surroundings that they have in logs."""

import base64
import json
import random
import string

from faker import Faker

ALNUM = string.ascii_letters + string.digits
BASE64URL = ALNUM + "-_"
IBAN_LOCALES = ("de_DE", "fr_FR", "it_IT", "es_ES", "nl_NL", "pl_PL", "en_GB", "de_CH")
CARD_KINDS = ("mastercard", "visa16", "amex", "discover", "diners", "jcb15", "jcb16", "unionpay")
# Lengths that are hardly issued and that barcodes and order numbers have: told only beside a word for a card.
RARE_CARD_KINDS = ("visa13", "visa19", "maestro")


def luhn(digits: str) -> str:
    """The digits with their check digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Values:
    """One value of a rule after the other, the same for the same seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.us, self.cn = Faker("en_US"), Faker("zh_CN")
        self.iban = [Faker(locale) for locale in IBAN_LOCALES]
        for place, source in enumerate([self.us, self.cn, *self.iban]):
            source.seed_instance(seed + place)

    def text(self, count: int, alphabet: str = ALNUM) -> str:
        return "".join(self.random.choices(alphabet, k=count))

    def name(self) -> str:
        return self.random.choice((self.us, self.cn)).name()

    def card(self, kinds=CARD_KINDS) -> str:
        kind = self.random.choice(kinds)
        if kind == "unionpay":
            number = luhn("62" + self.text(self.random.choice((13, 16)), string.digits))
        else:
            number = self.us.credit_card_number(kind)
        separator = self.random.choice(("", "", " ", "-"))
        if not separator or len(number) not in (14, 15, 16):
            return number
        cuts = {14: (4, 10), 15: (4, 10), 16: (4, 8, 12)}[len(number)]
        return separator.join(number[a:b] for a, b in zip((0, *cuts), (*cuts, len(number))))

    def resident_id(self) -> str:
        number = self.cn.ssn()
        return number if self.random.random() < 0.9 else number.lower()

    def mobile(self) -> str:
        number = self.cn.phone_number()
        form = self.random.randrange(5)
        if form == 0:
            return f"{number[:3]}-{number[3:7]}-{number[7:]}"
        if form == 1:
            return f"{number[:3]} {number[3:7]} {number[7:]}"
        return number

    def email(self) -> str:
        return self.random.choice((self.us, self.cn)).email()

    def bank_account(self) -> str:
        number = self.random.choice(self.iban).iban()
        if self.random.random() < 0.3:
            return " ".join(number[place : place + 4] for place in range(0, len(number), 4))
        return number

    def ssn(self) -> str:
        return self.us.ssn()

    def jwt(self) -> str:
        header = {"alg": self.random.choice(("HS256", "RS256", "ES256")), "typ": "JWT"}
        payload = {"sub": self.us.uuid4(), "iat": self.random.randrange(1_600_000_000, 1_800_000_000)}
        parts = [base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, payload)]
        return ".".join([*parts, self.text(43, BASE64URL)])

    def password(self) -> str:
        return self.us.password(length=self.random.randrange(8, 20), special_chars=self.random.random() < 0.5)

    def plain_password(self) -> str:
        """One with a digit and without punctuation, as prose can hold it."""
        return self.us.password(length=self.random.randrange(8, 16), special_chars=False)

    def pem(self) -> str:
        lines = "\\n".join(self.text(64, ALNUM + "+/") for _ in range(4))
        kind = self.random.choice(("", "RSA ", "EC "))
        return f"-----BEGIN {kind}PRIVATE KEY-----\\n{lines}\\n-----END {kind}PRIVATE KEY-----"

    def token(self, rule: str) -> str:
        text = self.text
        upper = string.ascii_uppercase
        return {
            "aws_access_key": lambda: self.random.choice(("AKIA", "ASIA")) + text(16, upper + "234567"),
            "gcp_api_key": lambda: "AIza" + text(34, BASE64URL) + text(1),
            "gcp_oauth": lambda: "ya29." + text(60, BASE64URL) + text(1),
            "aliyun_ak": lambda: "LTAI" + text(self.random.choice((12, 20))),
            "tencent_secret_id": lambda: "AKID" + text(32),
            "github_token": lambda: self.random.choice(
                ("ghp_" + text(36), "gho_" + text(36), "ghs_" + text(36), "github_pat_" + text(22) + "_" + text(59))),
            "gitlab_token": lambda: "glpat-" + text(19, BASE64URL) + text(1),
            "slack_token": lambda: f"xoxb-{text(12, string.digits)}-{text(13, string.digits)}-{text(24)}",
            "stripe_key": lambda: self.random.choice(("sk_live_", "rk_live_", "sk_test_")) + text(24),
            "openai_key": lambda: self.random.choice(("sk-proj-", "sk-")) + text(48),
            "npm_token": lambda: "npm_" + text(36),
            "sendgrid": lambda: "SG." + text(22, BASE64URL) + "." + text(42, BASE64URL) + text(1),
        }[rule]()


TOKEN_RULES = ("aws_access_key", "gcp_api_key", "gcp_oauth", "aliyun_ak", "tencent_secret_id", "github_token",
               "gitlab_token", "slack_token", "stripe_key", "openai_key", "npm_token", "sendgrid")


def otlp(attributes: dict, body: str = "request done") -> str:
    """A request with one record, as `sluice redact` takes it."""
    record = {"body": {"stringValue": body}, "attributes": members(attributes)}
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}, ensure_ascii=False)


def members(attributes: dict) -> list:
    def value(item):
        if isinstance(item, dict):
            return {"kvlistValue": {"values": members(item)}}
        if isinstance(item, list):
            return {"arrayValue": {"values": [value(each) for each in item]}}
        return {"stringValue": item}

    return [{"key": key, "value": value(item)} for key, item in attributes.items()]


class Texts(Values):
    """Lines that each hold one value, as (rule, value, line)."""

    def line(self, value: str, word: str) -> str:
        """The value where it may stand in a log; `word` is what a field with it is called."""
        name = self.name()
        time = f"2026-{self.random.randrange(1, 13):02}-{self.random.randrange(1, 29):02}T10:15:30.123Z"
        return self.random.choice((
            lambda: f"{time} INFO payment by {name}: {value} accepted",
            lambda: f"{name} {value}",
            lambda: f"{word}={value}",
            lambda: f"level=info user_id=4711 {word}={value} status=200",
            lambda: f"GET /v1/check?{word}={value.replace(' ', '-')}&page=2 HTTP/1.1",
            lambda: json.dumps({"user": name, word: value, "ok": True}, ensure_ascii=False),
            lambda: "got " + json.dumps(json.dumps({word: value, "n": 1})),
            lambda: json.dumps({"payload": json.dumps({"items": [{"v": value}]})}),
            lambda: otlp({"user": {"contact": {word: value, "tags": ["a", "b"]}}}),
            lambda: otlp({"event": "x"}, f"customer said {value}, twice"),
            lambda: f"用户{name}的信息：{value}，已确认",
            lambda: f"user '{name}' ({value}).",
        ))()

    def sample(self, kind: str) -> tuple:
        make = {
            "credit_card": lambda: (self.card(), "card_number"),
            "cn_resident_id": lambda: (self.resident_id(), "id_no"),
            "cn_mobile": lambda: (self.mobile(), "mobile"),
            "email": lambda: (self.email(), "mail"),
            "iban": lambda: (self.bank_account(), "account"),
            "us_ssn": lambda: (self.ssn(), "ssn"),
            "jwt": lambda: (self.jwt(), "value"),
        }
        if kind in make:
            value, word = make[kind]()
            line = self.line(value, word)
            # What stands in a URL stands there without spaces.
            return (value if value in line else value.replace(" ", "-")), line
        if kind == "credit_card beside a word, rare lengths":
            value = self.card(RARE_CARD_KINDS)
            return value, self.random.choice((
                lambda: f"card={value} ok", lambda: json.dumps({"cardNumber": value, "n": 1}),
                lambda: f"paid with Visa {value}", lambda: f"信用卡号：{value}",
                lambda: otlp({"payment": {"card_number": value}})))()
        if kind == "credit_card alone, rare lengths":
            value = self.card(RARE_CARD_KINDS)
            return value, f"payment by {self.name()}: {value} accepted"
        if kind in TOKEN_RULES:
            value = self.token(kind)
            return value, self.line(value, "value")
        return getattr(self, "_" + kind)()

    def _private_key_pem(self) -> tuple:
        value = self.pem()
        key = value.split("\\n")[1]
        return key, self.random.choice((f"loaded {value} ok", value.replace("\\n", " "), json.dumps({"k": value})))

    def _bearer_basic(self) -> tuple:
        if self.random.random() < 0.5:
            value = self.text(self.random.randrange(20, 60), BASE64URL) + "9aZ"
            return value, self.random.choice((f"sent Bearer {value}", f"header 'bearer {value}'", f"token {value} used"))
        value = base64.b64encode(f"{self.us.user_name()}:{self.password()}".encode()).decode()
        return value, self.random.choice((f"sent Basic {value}", f"auth basic {value}, ok"))

    def _aws_secret_key(self) -> tuple:
        value = self.text(40, ALNUM + "+/")
        return value, self.random.choice((
            f"aws_secret_access_key = {value}", f"AWS_SECRET_ACCESS_KEY={value}", json.dumps({"awsSecretKey": value}),
            f"export AWS_SECRET_ACCESS_KEY='{value}'"))

    def _azure_sas(self) -> tuple:
        if self.random.random() < 0.5:
            value = self.text(86, ALNUM + "+/") + "=="
            return value, f"DefaultEndpointsProtocol=https;AccountName=logs;AccountKey={value};EndpointSuffix=core.x"
        value = self.text(43) + "%3D"
        return value, f"PUT https://logs.blob.example/c/b?sv=2022-11-02&sr=b&sig={value}&se=2026 201"

    def _url_credentials(self) -> tuple:
        value = self.us.password(length=12, special_chars=False)
        scheme = self.random.choice(("postgres", "mysql", "redis", "amqp", "mongodb+srv", "https"))
        user = self.random.choice((self.us.user_name(), ""))
        return value, self.random.choice((
            lambda: f"cannot connect to {scheme}://{user}:{value}@db.internal:5432/app",
            lambda: json.dumps({"dsn": f"{scheme}://{user}:{value}@10.0.0.7/app"}),
            lambda: otlp({"db": {"url": f"{scheme}://{user}:{value}@h/x"}})))()

    def _secret_kv(self) -> tuple:
        word = self.random.choice(("password", "passwd", "pwd", "secret", "client_secret", "api_key", "apiKey",
                                   "access_token", "X-Api-Key", "refreshToken", "db.password", "sessionid"))
        plain, value = self.plain_password(), self.password()
        quoted = json.dumps({"user": "bob", word: value, "n": 1})
        return self.random.choice((
            lambda: (plain, f"login user=bob {word}={plain} from 10.0.0.7"),
            lambda: (plain, f"{word}: {plain}"),
            lambda: (plain, f"POST /login?user=bob&{word}={plain}&next=/ 302"),
            lambda: (value, quoted),
            lambda: (value, f"request body {quoted}"),
            lambda: (plain, "body " + json.dumps(json.dumps({word: plain, "n": 1}))),
            lambda: (value, json.dumps({"event": json.dumps({"auth_data": {word: value}})})),
            lambda: (value, f"{word}='{value}' rejected" if "'" not in value else quoted),
            lambda: (plain, f"用户登录，密码：{plain}，失败"),
            lambda: (plain, f"her password is {plain}, she said"),
        ))()

    def _key_name(self) -> tuple:
        value = self.plain_password()
        word = self.random.choice(("password", "db.password", "client_secret", "http.request.header.authorization",
                                   "apiKey", "x-api-key", "set-cookie", "sessionToken", "private_key", "密码"))
        return value, self.random.choice((
            lambda: otlp({word: value}), lambda: otlp({"login": {"form": {word: value, "user": "bob"}}}),
            lambda: otlp({"list": [{word: value}]}), lambda: otlp({"a": json.dumps({"b": {word: [value]}})})))()


VALIDATED = ("credit_card", "credit_card beside a word, rare lengths", "cn_resident_id", "iban", "us_ssn", "jwt",
             "bearer_basic", "aws_access_key", "github_token")
OTHERS = ("credit_card alone, rare lengths", "cn_mobile", "email", "aws_secret_key", "azure_sas", "private_key_pem",
          "url_credentials", "secret_kv", "key_name",
          *(rule for rule in TOKEN_RULES if rule not in ("aws_access_key", "github_token")))
