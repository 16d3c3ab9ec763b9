# Takes a call and never answers it.
import signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class SilentHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        print("called")
        signal.pause()

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer(("", 9768), SilentHandler).serve_forever()
