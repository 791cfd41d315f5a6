"""A browser without a window: Debian's Chromium, told what to do over a pipe by the DevTools protocol."""

import base64
import contextlib
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

WAIT_SECONDS = 20


def chromium() -> str:
    found = shutil.which("chromium")
    assert found, "no chromium: bash .ci/packages chromium"
    return found


class Browser:
    """One browser with one page. What the page says to its console, and every error of it, is kept."""

    def __init__(self, width: int = 1400, height: int = 900):
        self.folder = tempfile.TemporaryDirectory(prefix="sluice-browser-")
        self.numbers = itertools.count(1)
        self.console: list[str] = []
        self.errors: list[str] = []
        self.rest = b""
        theirs_in, self.to = os.pipe()
        self.come, theirs_out = os.pipe()
        command = [
            chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-extensions", "--remote-debugging-pipe",
            f"--user-data-dir={self.folder.name}", f"--window-size={width},{height}", "about:blank",
        ]  # fmt: skip
        # The browser reads what it is told from descriptor 3 and answers on 4.
        script = 'exec 3<&"$0" 4>&"$1"; shift; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", script, str(theirs_in), str(theirs_out), *command],
            pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self.session = None
        try:
            targets = self._call("Target.getTargets")["targetInfos"]
            page = next(each["targetId"] for each in targets if each["type"] == "page")
            attached = self._call("Target.attachToTarget", targetId=page, flatten=True)
            self.session = attached["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self._call(f"{domain}.enable")
            self.size(width, height)
        except BaseException:
            self.close()
            raise

    def close(self):
        """Ends the browser."""
        for end in (self.to, self.come):
            with contextlib.suppress(OSError):
                os.close(end)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(OSError):
            self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _call(self, method: str, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def _next(self) -> dict:
        while b"\0" not in self.rest:
            some = os.read(self.come, 1 << 20)
            assert some, "the browser has ended"
            self.rest += some
        line, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(line)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method, parameters: dict):
        if method == "Runtime.consoleAPICalled":
            self.console.append(" ".join(str(each.get("value")) for each in parameters["args"]))
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.errors.append(str(details.get("exception", {}).get("description", details["text"])))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            entry = parameters["entry"]
            # What is answered with an error is the page's to deal with.
            if entry["source"] != "network":
                self.errors.append(f"{entry['text']} {entry.get('url', '')}")

    def size(self, width: int, height: int):
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def theme(self, name: str):
        """What the system is said to prefer: `dark` or `light`."""
        feature = {"name": "prefers-color-scheme", "value": name}
        self._call("Emulation.setEmulatedMedia", features=[feature])

    def open(self, url: str):
        answer = self._call("Page.navigate", url=url)
        assert "errorText" not in answer, answer["errorText"]
        self.wait("document.readyState === 'complete'")

    def run(self, script: str):
        """What a script comes to in the page."""
        answer = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str, seconds: float = WAIT_SECONDS):
        """Waits until a script comes to something true, and returns it."""
        end = time.monotonic() + seconds
        while True:
            result = self.run(script)
            if result not in (None, False, 0, ""):  # an element comes as {}
                return result
            assert time.monotonic() < end, f"not within {seconds} s: {script}\n{self.errors}\n{self.text()[:2000]}"
            time.sleep(0.03)

    def text(self, selector: str = "body") -> str:
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def texts(self, selector: str) -> list[str]:
        return self.run(f"[...document.querySelectorAll({json.dumps(selector)})].map((each) => each.innerText)")

    def box(self, selector: str, containing: str = "") -> dict:
        """Where the first such element is; waits for one."""
        return self.wait(f"""(() => {{
          const found = [...document.querySelectorAll({json.dumps(selector)})].find((each) =>
            each.textContent.includes({json.dumps(containing)}));
          if (!found) return null;
          found.scrollIntoView({{ block: 'nearest' }});
          const box = found.getBoundingClientRect();
          return box.width > 0 ? {{ x: box.x, y: box.y, width: box.width, height: box.height }} : null;
        }})()""")

    def click(self, selector: str, containing: str = ""):
        box = self.box(selector, containing)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def drag(self, selector: str, start: float, end: float):
        """Drags over an element, from one part of its width to another."""
        box = self.box(selector)
        y = box["y"] + box["height"] / 2
        places = [box["x"] + box["width"] * part for part in (start, (start + end) / 2, end)]
        self.mouse("mouseMoved", places[0], y)
        self.mouse("mousePressed", places[0], y)
        for place in places[1:]:
            self.mouse("mouseMoved", place, y, buttons=1)
        self.mouse("mouseReleased", places[-1], y)

    def mouse(self, kind: str, x: float, y: float, buttons: int = 0):
        pressed = kind != "mouseMoved"
        self._call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left" if pressed or buttons else "none",
            buttons=buttons, clickCount=1 if pressed else 0,
        )  # fmt: skip

    def wheel(self, selector: str, pixels: float):
        box = self.box(selector)
        self._call(
            "Input.dispatchMouseEvent", type="mouseWheel", x=box["x"] + box["width"] / 2,
            y=box["y"] + box["height"] / 2, deltaX=0, deltaY=pixels,
        )  # fmt: skip

    def key(self, name: str):
        """Presses a key: a character or a name such as `Enter`."""
        codes = {"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Tab": 9}
        more = {"windowsVirtualKeyCode": codes[name]} if name in codes else {"text": name}
        if name == "Enter":
            more["text"] = "\r"
        self._call("Input.dispatchKeyEvent", type="keyDown", key=name, **more)
        self._call("Input.dispatchKeyEvent", type="keyUp", key=name)

    def type(self, text: str):
        self._call("Input.insertText", text=text)

    def picture(self, path: pathlib.Path):
        answer = self._call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(answer["data"]))
