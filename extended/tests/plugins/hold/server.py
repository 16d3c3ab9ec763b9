# Adds a line to one file for each call, and answers when another file is there: both outside the Pod, so that a test
# sees how often it was called and decides when it ends.
import json, os, signal, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class HoldHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        config = request["step"]["config"]
        with open(config["called"], "a") as file:
            file.write(request["context"]["promotion"] + "\n")
        print("called")
        while not os.path.exists(config["until"]):
            time.sleep(0.05)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"Succeeded"}')

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("", 9769), HoldHandler).serve_forever()
