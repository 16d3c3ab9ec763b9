# Has no time for the first two calls.
import json
from http.server import BaseHTTPRequestHandler, HTTPServer

class FlakyHandler(BaseHTTPRequestHandler):
    calls = 0

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        FlakyHandler.calls += 1
        busy = FlakyHandler.calls <= 2
        self.send_response(503 if busy else 200)
        self.end_headers()
        answer = {"status": "Succeeded", "output": {"calls": FlakyHandler.calls}}
        self.wfile.write(b"not yet" if busy else json.dumps(answer).encode())

HTTPServer(("", 9767), FlakyHandler).serve_forever()
