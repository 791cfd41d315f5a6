"""Authorities, and certificates of theirs, made by openssl for a test."""

import os
import pathlib
import ssl
import subprocess

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


class Authority:
    """An authority in a folder: `NAME.pem` and `NAME.key`."""

    def __init__(self, folder: pathlib.Path, name: str):
        self.folder, self.name = folder, name
        self._openssl("req", "-x509", *CURVE, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                      "-out", f"{name}.pem")

    @property
    def path(self) -> pathlib.Path:
        return self.folder / f"{self.name}.pem"

    def text(self) -> str:
        return self.path.read_text()

    def issue(self, name: str, days: int = 2, addresses: str = "DNS:localhost,IP:127.0.0.1") -> pathlib.Path:
        """A folder with `cert` and `key` for this machine, in the name of `name`."""
        folder = self.folder / name
        folder.mkdir()
        (folder / "ext").write_text(f"subjectAltName={addresses},URI:spiffe://test/{name}")
        self._openssl("req", *CURVE, "-subj", f"/CN={name}", "-keyout", folder / "key", "-out", folder / "csr")
        self._openssl("x509", "-req", "-in", folder / "csr", "-CA", f"{self.name}.pem", "-CAkey", f"{self.name}.key",
                      "-CAcreateserial", "-days", str(days), "-extfile", folder / "ext", "-out", folder / "cert")
        return folder

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


def trust(*authorities: Authority, pair: pathlib.Path = None) -> ssl.SSLContext:
    """What a client needs that trusts these authorities, and shows a certificate if it is given one."""
    context = ssl.create_default_context(cadata="\n".join(authority.text() for authority in authorities))
    if pair is not None:
        context.load_cert_chain(pair / "cert", pair / "key")
    return context


def link(path: pathlib.Path, target: pathlib.Path):
    """Moves a link to another folder at once, as the kubelet does."""
    new = path.with_name(path.name + ".new")
    new.symlink_to(target)
    os.replace(new, path)


def replace(path: pathlib.Path, text: str):
    """Puts a file in the place of another at once."""
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    os.replace(new, path)
