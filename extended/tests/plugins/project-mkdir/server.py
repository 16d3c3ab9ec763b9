# A Project's own mkdir, which takes the place of the one for all Projects.
import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

class MkdirHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = os.path.join(request["context"]["workDir"], request["step"]["config"]["path"])
        os.makedirs(path, exist_ok=True)
        answer = {"status": "Succeeded", "output": {"madeBy": "the Project's mkdir"}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

HTTPServer(("", 9765), MkdirHandler).serve_forever()
