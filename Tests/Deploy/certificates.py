"""Certificate authorities for the tests, and servers that have a certificate of one."""

import pathlib
import ssl
import subprocess


class Authority:
    def __init__(self, folder: pathlib.Path, name: str):
        self._folder, self._name = folder, name
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                      "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")

    @property
    def certificate(self) -> str:
        return (self._folder / f"{self._name}.pem").read_text()

    def server(self, host: str) -> ssl.SSLContext:
        """What a server of that name needs."""
        (self._folder / f"{host}.ext").write_text(f"subjectAltName=DNS:{host}")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}",
                      "-keyout", f"{host}.key", "-out", f"{host}.csr")
        self._openssl("x509", "-req", "-in", f"{host}.csr", "-CA", f"{self._name}.pem", "-CAkey", f"{self._name}.key",
                      "-CAcreateserial", "-days", "2", "-extfile", f"{host}.ext", "-out", f"{host}.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / f"{host}.pem", self._folder / f"{host}.key")
        return context

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)
