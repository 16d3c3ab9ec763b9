# Writes a text to a file. Answers nobody but the agent.
import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

with open("/var/run/kargo/token") as file:
    TOKEN = file.read().strip()

class NoteHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.answer(403, {"error": "the bearer token is missing or wrong"})
        if self.path != "/api/v1/step.execute":
            return self.answer(404, {})
        request = json.loads(body)
        config = request["step"]["config"]
        with open(os.path.join(request["context"]["workDir"], config["path"]), "w") as file:
            written = file.write(config["text"])
        print("wrote", config["path"])
        self.answer(200, {"status": "Succeeded", "output": {"written": written}})

    def answer(self, status, body):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

HTTPServer(("", 9766), NoteHandler).serve_forever()
