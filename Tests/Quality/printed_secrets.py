"""Secrets as the printers of languages, formats and tools write them, one form after the other.

Each form is a function of a secret, a name for it and a source of chance. Forms without quotes get secrets that their
language can print without: `BARE` ones have no spaces, `TEXT` ones may have any character but line ends.
"""

import html
import json
import random
import shlex
import string
import urllib.parse
from xml.sax.saxutils import escape, quoteattr

from Quality.printed_secrets_more import MORE, secret_of
from Quality.sensitive_values import otlp

ALNUM = string.ascii_letters + string.digits
NAMES = ("password", "db_password", "userPassword", "client_secret", "apiKey", "access_token", "DB_PASSWORD", "passphrase")


def secret(chance: random.Random, kind: str) -> str:
    """A secret whose every part of four letters or digits is drawn by lot, so that what is left of it shows."""
    def part(count):
        return "".join(chance.choices(ALNUM, k=count))

    plain = part(chance.randrange(8, 24))
    if kind == "BARE":
        joint = chance.choice(("", "!", "$", "%", "^", "*", "-", "_", "+", "~", "/", ".", "#", "@", "|"))
        return chance.choice((plain, part(6) + joint + part(6), part(40), part(5) + chance.choice("),;}]&'") + part(6)))
    joint = chance.choice((" ", "'", '"', "\\", ", ", ") ", "}", "é", "密", "&", "<", "=", "; ", "`", "$", "''"))
    return chance.choice((plain, part(6) + joint + part(6), part(5) + " " + part(5) + joint + part(4)))


def double(text):
    return json.dumps(text, ensure_ascii=False)


def single(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def sql(text):
    return "'" + text.replace("'", "''") + "'"


def percent(text):
    return urllib.parse.quote(text, safe="")


def unicode_escaped(text):
    return "".join(c if c.isalnum() and c.isascii() or c in " .{}[]," else f"\\u{ord(c):04x}" for c in text)


def camel(name):
    first, *rest = name.lower().split("_") if name.isupper() or "_" in name else [name]
    return first + "".join(word.capitalize() for word in rest)


def pascal(name):
    return camel(name)[:1].upper() + camel(name)[1:]


TEXT_FORMS = {
    "rust struct": lambda s, n: f'User {{ name: "bob", {n}: {double(s)}, age: 3 }}',
    "rust option": lambda s, n: f'User {{ {n}: Some({double(s)}), name: "bob" }}',
    "rust pretty option": lambda s, n: f'User {{\n    {n}: Some(\n        {double(s)},\n    ),\n    age: 3,\n}}',
    "rust newtype": lambda s, n: f'Login {{ user: "bob", secret: Secret({double(s)}) }}',
    "rust headers": lambda s, n: f'Request {{ headers: {{"host": "x", "authorization": {double(s)}}} }}',
    "rust pairs": lambda s, n: f'headers [("host", "x"), ("authorization", {double(s)})]',
    "go values": lambda s, n: f'main.User{{Name:"bob", {pascal(n)}:{double(s)}, Age:3}}',
    "go pointer to string": lambda s, n: f'&main.User{{{pascal(n)}:sql.NullString{{String:{double(s)}, Valid:true}}}}',
    "go arguments": lambda s, n: f'exec []string{{"mysqld", "--{n}", {double(s)}}}',
    "go quoted arguments": lambda s, n: f'run ["mysqld" "--{n}" {double(s)} "-v"]',
    "go slog": lambda s, n: f'time=2026-01-02T03:04:05Z level=INFO msg="log in" user=bob {n}={double(s)} n=1',
    "java quoted": lambda s, n: f"User{{name='bob', {camel(n)}='{s}', age=3}}" if "'" not in s else f"U{{{n}={double(s)}}}",
    "kotlin string": lambda s, n: f'val {camel(n)} = {double(s)}',
    "swift struct": lambda s, n: f'User(name: "bob", {camel(n)}: {double(s)}, age: 3)',
    "swift optional": lambda s, n: f'User(name: "bob", {camel(n)}: Optional({double(s)}))',
    "swift dictionary": lambda s, n: f'["name": "bob", "{n}": {double(s)}]',
    "swift dump": lambda s, n: f'▿ App.User\n  - name: "bob"\n  ▿ {n}: Optional({double(s)})\n    - some: {double(s)}\n  - age: 3',
    "python dictionary": lambda s, n: f"{{'name': 'bob', '{n}': {s!r}, 'age': 3}}",
    "python dataclass": lambda s, n: f"User(name='bob', {n}={s!r}, age=3)",
    "python bytes": lambda s, n: f"User(name='bob', {n}={s.encode()!r})" if s.isascii() else f"{n}={s!r}",
    "python f-string": lambda s, n: f"{n}={s!r} user='bob'",
    "python pairs": lambda s, n: f"[('Host', 'x'), ('X-Api-Key', {s!r})]",
    "python arguments": lambda s, n: f"run {['mysqld', '--' + n, s, '-v']!r}",
    "python wrapped": lambda s, n: f"User({n}=Secret({s!r}), name='bob')",
    "ruby hash": lambda s, n: f'{{:name=>"bob", :{n}=>{double(s)}, :age=>3}}',
    "ruby new hash": lambda s, n: f'{{name: "bob", {n}: {double(s)}, age: 3}}',
    "ruby string hash": lambda s, n: f'Parameters: {{"name" => "bob", "{n}" => {double(s)}}}',
    "ruby object": lambda s, n: f'#<User:0x00007f8b @name="bob", @{n}={double(s)}>',
    "php print_r": lambda s, n: f"Array\n(\n    [name] => bob\n    [{n}] => {s}\n)\n",
    "php print_r object": lambda s, n: f"User Object\n(\n    [{n}:protected] => {s}\n    [age] => 3\n)\n",
    "php var_export": lambda s, n: f"array (\n  'name' => 'bob',\n  '{n}' => {single(s)},\n)",
    "php var_dump": lambda s, n: f'array(1) {{\n  ["{n}"]=>\n  string({len(s.encode())}) {double(s)}\n}}',
    "php serialize": lambda s, n: f'a:1:{{s:{len(n)}:"{n}";s:{len(s.encode())}:{double(s)};}}',
    "javascript inspect": lambda s, n: f"{{ name: 'bob', {n}: {single(s)}, age: 3 }}",
    "javascript map": lambda s, n: f"Map(2) {{ 'name' => 'bob', '{n}' => {single(s)} }}",
    "javascript pieces": lambda s, n: f"{{\n  {n}: 'begin\\n' +\n    {single(s)},\n  age: 3\n}}",
    "javascript pairs": lambda s, n: f"[ [ 'Host', 'x' ], [ 'Authorization', {single(s)} ] ]",
    "javascript template": lambda s, n: f"{n}: `{s.replace('`', '')}`, age: 3",
    "sql set": lambda s, n: f"UPDATE users SET password = {sql(s)}, name = 'bob' WHERE id = 3",
    "sql national": lambda s, n: f"SELECT id FROM users WHERE password = N{sql(s)} AND name = N'bob'",
    "sql create user": lambda s, n: f"CREATE USER bob WITH PASSWORD {sql(s)} VALID UNTIL 'infinity'",
    "sql function": lambda s, n: f"SET x = PASSWORD({sql(s)}), y = 1",
    "yaml double": lambda s, n: f"name: bob\n{n}: {double(s)}\nage: 3",
    "yaml single": lambda s, n: f"name: bob\n{n}: {sql(s)}\nage: 3",
    "yaml block": lambda s, n: f"name: bob\n{n}: |\n  {s}\n  {s}\nage: 3",
    "yaml folded block": lambda s, n: f"login:\n  {n}: >-\n    {s}\n  age: 3",
    "yaml environment": lambda s, n: f"env:\n- name: DB_PASSWORD\n  value: {double(s)}\n- name: A\n  value: b",
    "yaml arguments": lambda s, n: f"args:\n- --{n}\n- {double(s)}\n- -v",
    "toml basic": lambda s, n: f'name = "bob"\n{n} = {double(s)}\nage = 3',
    "toml multi-line": lambda s, n: f'{n} = """{s.replace(chr(92), "").replace(chr(34), "")}"""\nage = 3',
    "xml element": lambda s, n: f"<user><name>bob</name><{n}>{escape(s)}</{n}></user>",
    "xml cdata": lambda s, n: f"<user><{n}><![CDATA[{s}]]></{n}></user>",
    "xml attribute": lambda s, n: f'<user name="bob" {n}={quoteattr(s)} age="3"/>',
    "xml add": lambda s, n: f'<add key="{n}" value={quoteattr(s)}/>',
    "xml entry": lambda s, n: f'<entry key="{n}">{escape(s)}</entry>',
    "xml property": lambda s, n: f"<property>\n  <name>{n}</name>\n  <value>{escape(s)}</value>\n</property>",
    "xml nested": lambda s, n: f"<{n}><value>{escape(s)}</value></{n}>",
    "shell quoted": lambda s, n: f"mysql --user bob --{n} {shlex.quote(s + ' ')} -v",
    "shell variable": lambda s, n: f"export {n.upper()}={shlex.quote(s + ' ')} NAME=bob",
    "powershell": lambda s, n: f"Connect-Db -User 'bob' -Password {sql(s)} -Port 1",
    "json": lambda s, n: json.dumps({"name": "bob", n: s, "age": 3}),
    "json in text": lambda s, n: f"request body {json.dumps({'name': 'bob', n: s})} accepted",
    "json in json in text": lambda s, n: "sent " + json.dumps({"body": json.dumps({n: s, "age": 3})}) + " ok",
    "json three deep in text": lambda s, n: "x " + json.dumps({"a": json.dumps({"b": json.dumps({n: s, "c": 1})})}) + " y",
    "json arguments": lambda s, n: "start " + json.dumps({"args": ["mysqld", "--" + n, s, "-v"]}) + " ok",
    "json environment": lambda s, n: "env " + json.dumps([{"name": "DB_PASSWORD", "value": s}, {"name": "A", "value": "b"}]),
    "json pairs": lambda s, n: "headers " + json.dumps([["Host", "x"], ["Authorization", s]]),
    "json member of map": lambda s, n: f"got {json.dumps({n: {'v': s}})} tail",
    "json with escapes": lambda s, n: "got " + unicode_escaped(json.dumps({"name": "bob", n: s})) + " ok",
    "json in html": lambda s, n: f"<div data-x=\"{html.escape(json.dumps({n: s, 'age': 3}))}\"></div>",
    "json in html twice": lambda s, n: html.escape(html.escape(json.dumps({n: s, "age": 3}))),
    "json in a url": lambda s, n: f"GET /x?q={percent(json.dumps({n: s}))}&page=2 200",
    "json in a url twice": lambda s, n: f"GET /x?q={percent(percent(json.dumps({n: s})))}&page=2 200",
    "form": lambda s, n: f"POST name=bob&{n}={percent(s)}&age=3",
    "form in a url": lambda s, n: f"GET /login?next={percent(f'/x?{n}={percent(s)}&y=1')} 302",
    "chinese quotes": lambda s, n: f"用户登录，密码：“{s.replace('”', '')}”，失败",
}

BARE_FORMS = {
    "go fields": lambda s, n: f"{{User:bob {pascal(n)}:{s} Age:3}}",
    "go map": lambda s, n: f"map[age:3 {n}:{s} user:bob]",
    "go header map": lambda s, n: f"http.Header map[Authorization:[{s}] Host:[x]]",
    "logfmt": lambda s, n: f"level=info user=bob {n}={s} n=1",
    "properties": lambda s, n: f"name=bob\n{n.replace('_', '.')}={s}\nage=3",
    "ini": lambda s, n: f"[db]\nname = bob\n{n} = {s}\n",
    "yaml plain": lambda s, n: f"name: bob\n{n}: {s}\nage: 3",
    "environment": lambda s, n: f"{n.upper()}={s}\nHOME=/root\n",
    "flag": lambda s, n: f"mysqld --user bob --{n} {s} -v",
    "flag with sign": lambda s, n: f"mysqld --user=bob --{n}={s} -v",
    "connection string": lambda s, n: f"Server=db;User Id=bob;Password={s};Data Source=x;",
    "http header": lambda s, n: f"GET / HTTP/1.1\r\nHost: x\r\nX-Api-Key: {s}\r\nAccept: */*\r\n",
    "http bearer": lambda s, n: f"> Authorization: Bearer {s}\n> Host: x",
    "curl": lambda s, n: f"curl -H 'Authorization: Bearer {s}' https://x/" if "'" not in s else f"curl -H \"X-Api-Key: {s}\" x",
    "http cookie": lambda s, n: f"Cookie: theme=dark; sid={s.replace(';', '').replace(',', '')}\nHost: x",
    "java list": lambda s, n: f"args=[mysqld, --{n}={s}, -v]",
    "prose": lambda s, n: f"cannot log in, {n}: {s} rejected",
}

# Fields of forms, inputs and patches, whose values may have any character.
FIELD_FORMS = {
    "form of a list": lambda s, n: f"POST name=bob&{n}[]={percent(s)}&age=3",
    "form of a list, escaped": lambda s, n: f"POST name=bob&user%5B{n}%5D%5B0%5D={percent(s)}&age=3",
    "json patch": lambda s, n: json.dumps([{"op": "replace", "path": f"/user/{n}", "value": s}]),
    "json patch in text": lambda s, n: f"patch {json.dumps([{'op': 'add', 'path': '/' + n, 'value': s}])} applied",
    "json patch, op last": lambda s, n: f"patch {json.dumps({'path': '/a/' + n, 'op': 'test', 'value': s})} applied",
    "html input": lambda s, n: f'<form><input id="x" type="password" value={quoteattr(s)}></form>',
    "html input reversed": lambda s, n: f'<INPUT value={quoteattr(s)} class="a b" type="password"/>',
    "html input with a name": lambda s, n: f'<input type="text" name="{n}" value={quoteattr(s)}> Forgot it?',
    "form in parts": lambda s, n: f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{s}\r\n--b--\r\n',
    "form in parts with headers": lambda s, n: (
        f'--b\nContent-Disposition: form-data; name="{n}"\nContent-Type: text/plain\nContent-Length: 9\n\n{s}\n--b--\n'),
}

# Members in brackets, whose values may have spaces.
MEMBER_FORMS = {
    "java record": lambda s, n: f"User[name=bob, {camel(n)}={s}, age=3]",
    "java map": lambda s, n: f"{{name=bob, {n}={s}, age=3}}",
    "java optional": lambda s, n: f"User[{camel(n)}=Optional[{s}], age=3]",
    "kotlin data class": lambda s, n: f"User(name=bob, {camel(n)}={s}, age=3)",
    "kotlin last member": lambda s, n: f"User(name=bob, {camel(n)}={s})",
    "go fields with spaces": lambda s, n: f"{{User:bob {pascal(n)}:{s} Age:3}}",
}


def member(chance: random.Random) -> str:
    """A secret with spaces and signs, as members without quotes may have."""
    def part(count):
        return "".join(chance.choices(ALNUM, k=count))

    return part(5) + chance.choice((" ", "-", "!", " - ", "; ", ", ", ") ", "]", "#")) + part(5) + chance.choice(("", "$", " " + part(4)))


FORMS = {**TEXT_FORMS, **BARE_FORMS, **MEMBER_FORMS, **MORE, **FIELD_FORMS}


def surround(line: str, chance: random.Random) -> str:
    """The text alone, or in JSON as a log shipper wraps it, or as a body or an attribute of a record."""
    form = chance.randrange(7)
    if form == 0:
        return json.dumps({"level": "info", "msg": line}, ensure_ascii=False)
    if form == 1:
        return json.dumps({"log": json.dumps({"msg": line})})
    if form == 3:
        return f"2026-01-02T03:04:05Z INFO sent {json.dumps({'msg': line, 'n': 1})} ok"
    if form == 2:
        return otlp({"event": {"detail": [line]}})
    return otlp({}, line) if "\n" in line or "\r" in line else line


def sample(form: str, chance: random.Random) -> tuple:
    """A secret and a line with it."""
    if form in MORE:
        value = secret_of(form, chance, secret)
    elif form in MEMBER_FORMS:
        value = member(chance)
    else:
        value = secret(chance, "BARE" if form in BARE_FORMS else "TEXT")
    return value, surround(FORMS[form](value, chance.choice(NAMES)), chance)
