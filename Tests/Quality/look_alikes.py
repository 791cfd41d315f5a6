"""Generated texts that are not sensitive and look as if they were, made as the real ones are made."""

import base64
import datetime
import json
import random
import string
import uuid

HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase
ALNUM = string.ascii_letters + string.digits
DECADE = (1_577_836_800, 1_893_456_000)  # 2020 up to 2030, in Unix seconds


def ean13(digits: str) -> str:
    """Twelve digits with the check digit of a barcode (GS1)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)


def luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


class LookAlikes:
    """One text after the other, each class as often as the others; the same for the same seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.classes = [name for name in vars(LookAlikes) if name.startswith("a_")]

    def lines(self, count: int):
        """(class, line) pairs."""
        for index in range(count):
            name = self.classes[index % len(self.classes)]
            yield name[2:], self.surround(getattr(self, name)())

    def digits(self, count: int) -> str:
        return str(self.random.randrange(10**count)).zfill(count)

    def text(self, count: int, alphabet: str = ALNUM) -> str:
        return "".join(self.random.choices(alphabet, k=count))

    def seconds(self) -> float:
        return self.random.uniform(*DECADE)

    def date(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.seconds(), datetime.timezone.utc)

    def surround(self, pair) -> str:
        """A name and a value, as a field, as JSON, in prose or alone; a text without a name stays as it is."""
        if isinstance(pair, str):
            return pair
        word, value = pair
        form = self.random.randrange(6)
        if form == 0:
            return f"{word}={value}"
        if form == 1:
            return json.dumps({"level": "info", word: value, "ok": True})
        if form == 2:
            return f"2026-03-04T05:06:07.089Z INFO handled {word} {value} in {self.random.randrange(900)} ms"
        if form == 3:
            return f"GET /v1/{word}/{value}?page=2 200"
        if form == 4:
            return f"处理{value}完成，耗时{self.random.randrange(900)}毫秒"
        return f"{word}: {value}, next"

    def a_epoch_seconds(self):
        return "time", int(self.seconds())

    def a_epoch_millis(self):
        return "timestamp", int(self.seconds() * 1e3)

    def a_epoch_micros(self):
        return "ts", int(self.seconds() * 1e6)

    def a_epoch_nanos(self):
        return "time_unix_nano", int(self.seconds() * 1e6) * 1000 + self.random.randrange(1000)

    def a_order_by_date(self):
        return "order", self.date().strftime("%Y%m%d") + self.digits(self.random.choice((6, 8, 10)))

    def a_order_by_second(self):
        return "order_no", self.date().strftime("%Y%m%d%H%M%S") + self.digits(self.random.choice((3, 4, 6, 8)))

    def a_order_sequence(self):
        return "orderId", self.digits(self.random.choice((6, 8, 9, 10, 12)))

    def a_order_amazon(self):
        return "order", f"{self.random.choice(('111', '112', '113', '302', '404'))}-{self.digits(7)}-{self.digits(7)}"

    def a_order_taobao(self):
        return "order_id", self.random.choice("1234") + self.digits(self.random.choice((17, 18)))

    def a_payment_reference(self):
        return "trade_no", self.date().strftime("%Y%m%d") + "22001" + self.digits(15)

    def a_item_id(self):
        return "product", self.random.choice("45678") + self.digits(12)

    def a_barcode(self):
        return "ean", ean13(self.random.choice(("400", "450", "490", "690", "500", "301", "978")) + self.digits(9))

    def a_imei(self):
        return "imei", luhn(self.random.choice(("35", "86")) + self.digits(12))

    def a_sim_card_id(self):
        return "iccid", luhn("8986" + self.digits(14))

    def a_tracking_number(self):
        return "parcel", self.random.choice((
            "1Z" + self.text(6, UPPER) + self.digits(10), self.digits(12), "9400" + self.digits(18),
            "SF" + self.digits(13), "RR" + self.digits(9) + "CN", "JD" + self.digits(13)))

    def a_snowflake(self):
        return "id", (int(self.seconds() * 1e3) - 1_288_834_974_657 << 22) + self.random.randrange(1 << 22)

    def a_uuid(self):
        return "request_id", str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def a_uuid_of_a_card(self):
        return self.random.choice(("card_id", "cardId", "card")), str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def a_object_id(self):
        return "_id", f"{int(self.seconds()):x}" + self.text(16, HEX)

    def a_git_hash(self):
        return "commit", self.text(self.random.choice((7, 8, 12, 40)), HEX)

    def a_sha256(self):
        return "digest", "sha256:" + self.text(64, HEX)

    def a_trace(self):
        return f"trace_id={self.text(32, HEX)} span_id={self.text(16, HEX)}"

    def a_traceparent(self):
        return "traceparent", f"00-{self.text(32, HEX)}-{self.text(16, HEX)}-01"

    def a_base64(self):
        return "blob", base64.b64encode(self.random.randbytes(self.random.randrange(12, 90))).decode()

    def a_short_id(self):
        return "id", self.text(self.random.choice((11, 21, 22, 27)), ALNUM + "_-")

    def a_version(self):
        r = self.random.randrange
        return "version", self.random.choice((
            f"{r(20)}.{r(100)}.{r(1000)}", f"v{r(9)}.{r(99)}.{r(99)}-rc.{r(9)}+{self.text(7, HEX)}",
            f"{r(9)}.{r(99)}.{r(9999)}.{r(9999)}", f"2026.{r(1, 13)}.{r(1, 29)}"))

    def a_decimal(self):
        return "value", self.random.choice((
            repr(self.random.random()), repr(self.random.uniform(0, 1e6)), repr(self.random.gauss(0, 1)),
            f"{self.random.uniform(0, 1e9):,.2f}", f"{self.random.uniform(1, 1e12):.6e}"))

    def a_address(self):
        r = self.random.randrange
        return "peer", self.random.choice((
            f"10.{r(256)}.{r(256)}.{r(256)}:{r(1024, 65536)}", ":".join(self.text(2, HEX) for _ in range(6)),
            ":".join(self.text(4, HEX) for _ in range(8))))

    def a_date(self):
        return "at", self.random.choice((
            self.date().isoformat(), self.date().strftime("%d/%b/%Y:%H:%M:%S +0000"), self.date().strftime("%Y%m%d%H%M%S"),
            self.date().strftime("%m-%d-%Y"), self.date().strftime("%Y-%m-%d %H:%M:%S,%f")))

    def a_pod(self):
        return "pod", f"{self.random.choice(('cart', 'web', 'auth', 'token-service'))}-{self.text(10, HEX)}-{self.text(5, 'bcdfghjklmnpqrstvwxz2456789')}"

    def a_user_agent(self):
        r = self.random.randrange
        return (f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                f"Chrome/{r(90, 150)}.0.{r(1000, 9999)}.{r(300)} Safari/537.36")

    def a_stack_frame(self):
        r = self.random.randrange
        return self.random.choice((
            f"at com.shop.auth.TokenService.refresh(TokenService.java:{r(900)}) ~[app-{r(9)}.{r(99)}.jar:?]",
            f'File "/srv/app/password_reset.py", line {r(900)}, in send_token', f"0x{self.text(12, HEX)} in malloc ()",
            f"goroutine {r(9999)} [running]: main.(*Keyring).Get(0xc{self.text(9, HEX)})"))

    def a_harmless_word(self):
        r = self.random.randrange
        return self.random.choice((
            f"token_count={r(5000)} input_tokens={r(5000)}", f"session_duration={r(99999)}ms sessions={r(100)}",
            f"author={self.text(8)} keyboard=us-intl", f"password_reset=true password_policy=strict{r(9)}",
            f"auth.method=oidc auth_type=basic{r(9)}", f"tokenizer=cl100k_base{r(9)} max_tokens={r(9999)}",
            f"secret.name=db-credentials-{r(99)}", f"cookie_consent=yes{r(9)}", "password is required",
            f"the password is at least {r(8, 20)} characters", f"access token expired {r(900)} s ago",
            f"basic authentication failed for user{r(999)}", f"bearer token missing in request {r(99999)}",
            f"invalid token at position {r(999)}", f"token verification-failed-{r(99)}", f"primary_key={r(999999)}",
            f"sort_key=created_at{r(9)} partition.key=user{r(99)}"))

    def a_resource_name(self):
        return "arn", f"arn:aws:iam::{self.digits(12)}:role/app-{self.text(6, HEX)}"

    def a_flight_and_reference(self):
        r = self.random
        return (f"{self.text(2, UPPER)}{self.digits(4)} {self.text(6, UPPER + string.digits)} "
                f"DE{self.digits(9)} zip {self.digits(5)}-{self.digits(4)} part {r.choice(UPPER)}{self.digits(7)}")

    def a_metric_line(self):
        r = self.random.randrange
        return f'http_requests_total{{code="200",le="0.{r(999)}"}} {r(10**9)} {int(self.seconds() * 1e3)}'

    def a_table_of_numbers(self):
        return " ".join(self.digits(self.random.choice((2, 3, 4, 5))) for _ in range(8))

    def a_word_like_a_secret(self):
        return self.random.choice((
            "secretary", "secretariat", "secretion", "credentialing", "apikeyboard", "cookiecutter", "passwordless",
            "tokenizer", "tokens_used", "possession", "sessionCount", "keyboardLayout", "authored_by", "passenger",
            "compass", "cookie-policy", "monkey", "turnkey", "authenticity", "passwordPolicy", "token-type")), self.text(9)

    def a_list_of_names(self):
        fields = ["password", "email", "token", "name", "api_key", "age"]
        chosen = self.random.sample(fields, self.random.randrange(2, 5))
        return self.random.choice((
            f"missing fields: {chosen}", f"invalid {json.dumps({'fields': chosen})}", f"columns ({', '.join(chosen)})",
            f"validate [{' '.join(chosen)}] took {self.random.randrange(99)} ms", json.dumps({"required": chosen}),
            json.dumps({"name": self.text(5), "value": self.text(12)}), json.dumps([[self.text(4), self.text(8)]]),
            f"usage: login [--password-file FILE] [--user NAME] [--retries {self.random.randrange(9)}]"))

    def a_escaped_text(self):
        words = " ".join(self.text(self.random.randrange(2, 9)) for _ in range(4))
        return self.random.choice((
            f"GET /search?q={words.replace(' ', '%20')}&page={self.random.randrange(99)}", f"path C:\\users\\{self.text(6)}\\x64",
            f"<a href=&quot;/{self.text(6)}&quot;>{words}</a> &amp; more", f'say {json.dumps(words + " é")}',
            f"next=%2Fhome%3Ftab%3D{self.text(5)}%26sort%3D{self.text(4)}", f"{self.random.randrange(100)}%25 done"))

    def a_code(self):
        r = self.random.randrange
        return self.random.choice((
            f"auth::Token::refresh at src/token.rs:{r(999)}", f"unexpected token '{self.random.choice(';<>,.')}' in JSON at {r(999)}",
            f"SyntaxError: Unexpected token in line {r(999)}", f"SELECT name, password FROM users WHERE id = {r(9999)}",
            f"if (token == null) return; // {self.text(5)}", f"secret {self.text(6)} not found in namespace {self.text(5)}",
            f"cookie jar has {r(99)} items", f"session {r(999)} closed", f"password changed for user {self.text(7)}",
            f"def login(user, password): # {self.text(4)}", f"key {self.text(8)} evicted after {r(900)} s"))

    def a_pass_of_a_test(self):
        r = self.random.randrange
        return self.random.choice((
            f"--- PASS: TestLogin{r(99)} (0.{r(99):02}s)", f"PASS: tests/test_auth_{r(99)}.py::test_x{r(9)}",
            f"=== RUN TestPass/case_{r(99)}", f"pass={r(999)} fail={r(9)} skip={r(9)}", f"pass {r(9)} of {r(1, 99)}",
            f"pass: {self.random.choice(('true', 'false', 'yes', 'ok'))} in {r(999)} ms", f"pass=first batch={r(99)}",
            json.dumps({"pass": r(9999), "fail": r(9)}), json.dumps({"pass": True, "n": r(99)}),
            json.dumps({"pass": self.random.choice(("first", "shadow_map", "gvn-hoist"))}), f"optimizer pass=gvn-hoist-{r(9)}",
            f"pass={r(99)}/{r(99)}", f"pass={r(99999)}ms", f"pass: step-{r(9)} done", f"boarding pass: gate {r(99)}",
            f"pass=10:{r(60):02}:{r(60):02}", f"pass through {self.text(6)}", f"season pass={self.random.choice(('gold', 'silver'))}"))

    def a_pin_of_a_board(self):
        r = self.random.randrange
        return self.random.choice((
            f"GPIO pin {r(40)} set high", f"pin={r(400)} mode=out", f"pin: {r(40)} level={r(2)}", "pin=high", f"pin=GPIO{r(40)}",
            f"pin: PB{r(16)}", json.dumps({"pin": r(400), "v": r(2)}), json.dumps({"pin": f"D{r(14)}"}), f"pins={r(9999)}",
            f"pinned=v1.{r(99)}.{r(99)}", f"pin={r(99)}.{r(9)}.{r(9)}", f"spin={r(99999)}", f"pw={r(99)}.{r(9)}", f"pw: {r(999)}us",
            f"pw={self.random.choice(('high', 'low', 'auto'))}", f"{r(9)}.{r(9)} PW of power", f"pw={r(99)}PW", f"ping={r(9999)}ms"))

    def a_bearer_of_news(self):
        r = self.random.randrange
        return self.random.choice((
            f"bearer of news {r(999)}", f"bearer=eps{r(9)} qci={r(9)}", "bearer: none", f"bearer id={r(99)} released", "jwt: expired",
            f"jwt=missing path=/v{r(9)}", f"jwt valid for {r(9999)} s", f"creds: {r(99)} loaded", f"creds={r(9999)}", "creds: none",
            json.dumps({"jwt": "invalid", "n": r(9)}), json.dumps({"bearer": "default", "n": r(9)}), f"mdp={r(9)}"))

    def a_sentence_about_a_secret(self):
        r = self.random.randrange
        return self.random.choice((
            "password is now required", f"password was changed by user{r(999)}", f"password set to expire in {r(99)} days",
            f"token is {r(9999)}s old", f"session is closed after {r(999)} ms", f"secret was rotated to version {r(99)}",
            'the cookie is "expired"', f"password sent to user{r(999)}", f"token was issued to client-{r(999)}",
            f"order identified by 'A{r(9999)}' not found", f"notified by 'ops{r(99)}'", f"resource identified by \"r-{r(999)}\"",
            f"api key {self.text(4)} has {r(99)} calls", f"the key: {self.text(8)}", f"sort key: created_at{r(9)}",
            f"partition key: user-{r(999)}", f"password(s) checked: {r(99)}", f"getToken(arg{r(9)})", f"token({r(9999)})"))

    def a_url_with_an_at(self):
        r = self.random.randrange
        return self.random.choice((
            f"GET http://host{r(9)}:8080/users/a{r(99)}@b 200", f"https://medium.com/@user{r(99)}:abc/p{r(99)}",
            f"git+ssh://git@github.com:org/repo.git@v1.{r(99)}", f"docker://alpine:3.{r(99)}@sha256:{self.text(64, HEX)}",
            f"http://registry:4873/@scope/pkg{r(99)}", "http://{host}:{port}/a@b", f"https://x{r(9)}.y/path:z/a@b",
            f"akka.tcp://sys@host:2552/user/a@b{r(9)}", f"kafka://h1:9092,h2:9092/t@x{r(9)}", f"http://[::1]:8080/a@b{r(9)}",
            f"https://example.com:443/reset?user=bob{r(99)}@example", f"http://localhost:3000/#/a@b{r(99)}"))

    def a_text_after_a_name(self):
        """What stands in the line after a name and a colon, as text of several lines in JSON."""
        r = self.random.randrange
        return json.dumps({"msg": self.random.choice((
            f"Invalid token:\n  at Foo.bar(Foo.java:{r(999)})\n  at Baz.run(Baz.java:{r(99)})", f"password:\n  minLength: {r(9)}\n",
            f"tokens:\n  - name: t{r(99)}\n  - name: u\n", f"auth:\n  enabled: true\n  retries: {r(9)}\n", "session:\n  closed\n",
            f"Enter password:\n  try again in {r(9)} s", f"cookie:\n  expired after {r(99)} s\n", f"secret:\n  not found: x{r(99)}",
            f"token:\n  VerificationFailed\n  at line {r(99)}", f"credentials:\n  loaded {r(9)} of {r(99)}",
            "password:\n  required\nemail:\n  required\n", f"auth:\n  provider:\n    oidc{r(9)}\n", f"otp:\nsent to user{r(99)}"))})

    def a_command_or_outcome(self):
        r = self.random.randrange
        return self.random.choice((
            f"PASS src/e2e/login{r(99)}.test.js", f"PASS case{r(99)}", f"PASS Login{r(9)}Test", f"PASS [ 0.{r(99)}s] suite::case_{r(9)}",
            f"ci: PASS unit{r(99)}", f"PASS packages/a{r(9)}/src/b{r(9)}.spec.ts", "250-AUTH PLAIN LOGIN XOAUTH2", "PASS",
            f"AUTH failed for user{r(99)}", f"AUTHENTICATE failed after {r(99)} ms", f"AUTH LOGIN rejected{r(9)}",
            f"auth provider response{r(99)}", f"PASS {r(99)} of {r(99)}", f"> PASS ok {r(9)}", f"PASS: unit{r(99)}",
            f"PASS test_a{r(99)}_b{r(99)}"))

    def a_path_of_a_request(self):
        r = self.random.randrange
        return self.random.choice((
            json.dumps({"path": "/v1/auth/token", "status": 200, "text": f"done in {r(99)} ms"}),
            json.dumps({"op": "replace", "path": "/user/name", "value": self.text(9)}),
            json.dumps({"path": "/tokens/count", "value": r(999)}), json.dumps({"value": self.text(9), "path": "/session/limit"}),
            f'got {json.dumps({"method": "GET", "path": "/oauth/token", "data": self.text(7)})} from x',
            f'got {json.dumps({"path": "/password/reset", "value": self.text(7)})} from x', f"POST /login/password {r(999)}",
            json.dumps({"path": f"token{r(9)}", "value": self.text(6)}), f'open("/etc/secret/{self.text(6)}")'))

    def a_user_of_a_url(self):
        r = self.random.randrange
        return self.random.choice((
            f"ssh://deploy@host{r(99)}", f"https://user{r(999)}@intranet/x", f"ssh://build-{self.digits(10)}@10.0.0.{r(255)}",
            f"akka.tcp://mySparkDriverActorSystem@10.0.0.{r(255)}:7077", f"ftp://backup2026{r(99):02}@files/x", "ssh://git@git/x",
            f"https://github.com/a/b/blob/{self.text(40, HEX)}@x", f"http://host{r(9)}/{self.text(20)}@b", f"sip://anna.maria.lopez@h{r(9)}",
            f"https://first.last.{r(99)}@mail/", f"svn+ssh://continuous-integration-{r(99)}@svn/x"))

    def a_field_or_index(self):
        r = self.random.randrange
        return self.random.choice((
            f'form-data; name="file{r(9)}"; filename="password.txt"', json.dumps({"b": f'form-data; name="page"\r\n\r\n{self.text(8)}\r\n--x'}),
            json.dumps({"b": f'form-data; name="f"; filename="token"\r\n\r\n{self.text(8)}\r\n--x'}), f"tokens[{r(99)}] is next",
            f'<input type="password" name="p{r(9)}"> Forgot your password?', f'<input type="submit" value="Log in {r(9)}">',
            f"items[]={self.text(8)}&page[{r(9)}]=2", f"password[min] has {r(99)}", f'x = "{self.text(5)}" + "password" + "{self.text(5)}"',
            f'<button type="password" value="Show {r(9)}"/>', f'name="page" value="{self.text(6)}"'))

    def a_tag(self):
        r = self.random.randrange
        return self.random.choice((
            f'<add key="Timeout" value="{r(999)}"/>', f'<property name="tokenizer" value="{self.text(6)}"/>',
            '<label for="password">Password</label>', f'<input type="password" maxlength="{r(99)}" value=""/>',
            f'<add value="{self.text(8)}" key="sort"/>', f'<field name="token_count">{r(999)}</field>',
            f'<option value="password">Password {r(9)}</option>', "<password required='true'/>"))

    def a_pair_of_names(self):
        r = self.random.randrange
        return self.random.choice((
            "missing ('password', 'email')", f'invalid ("token", "Count") at {r(99)}', f'get("password", "default") // {r(99)}',
            "fields ('api_key', 'user_name')", f"tuple ('secret', {r(99)})", "{password, email} = body", "{:ok, token}",
            f"[usage, --verbose, {r(99)}]", "options --password, --user", '["password", "email"]', "(password email)"))

    def a_word_in_another_language(self):
        r = self.random.randrange
        return self.random.choice((
            f"роль пользователя: admin{r(99)}", f"король: {r(99)}", f"حركة المرور: {r(999)}", f"キーワード: abc{r(99)}",
            f"키워드: abc{r(99)}", f"번호: {r(9999)}", f"कार्ड: {r(99)}", f"Antwort: ok{r(99)}", f"passe à {r(9)}",
            f"contraste={r(99)}", f"cifre: {r(99)}", f"行号: {r(99)}", f"密度={r(99)}.5", f"代碼: E{r(999)}", f"parole: {r(99)}",
            f"has {r(99)} items", f"network: eth{r(9)}", f"two words: {r(99)}", f"Ordner=data{r(99)}"))

    def a_path_or_octal(self):
        r = self.random.randrange
        return self.random.choice((
            f"C:\\{r(8)}{r(8)}{r(8)}\\{self.text(5)}", f"DOMAIN\\{r(100, 700)}", f"s/(a)(b)/\\2\\1/ {r(9)}", f"\\012\\0{r(8)}",
            f"regex \\d+\\{r(9)}", f"\\u{{1F60{r(9)}}} smile"))
